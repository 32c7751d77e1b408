var e=globalThis,t=e.ShadowRoot&&(e.ShadyCSS===void 0||e.ShadyCSS.nativeShadow)&&`adoptedStyleSheets`in Document.prototype&&`replace`in CSSStyleSheet.prototype,n=Symbol(),r=/* @__PURE__ */ new WeakMap,i=class{constructor(e,t,r){if(this._$cssResult$=!0,r!==n)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=e,this.t=t}get styleSheet(){let e=this.o,n=this.t;if(t&&e===void 0){let t=n!==void 0&&n.length===1;t&&(e=r.get(n)),e===void 0&&((this.o=e=new CSSStyleSheet).replaceSync(this.cssText),t&&r.set(n,e))}return e}toString(){return this.cssText}},a=e=>new i(typeof e==`string`?e:e+``,void 0,n),o=(e,...t)=>new i(e.length===1?e[0]:t.reduce((t,n,r)=>t+(e=>{if(!0===e._$cssResult$)return e.cssText;if(typeof e==`number`)return e;throw Error(`Value passed to 'css' function must be a 'css' function result: `+e+`. Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.`)})(n)+e[r+1],e[0]),e,n),s=(n,r)=>{if(t)n.adoptedStyleSheets=r.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let t of r){let r=document.createElement(`style`),i=e.litNonce;i!==void 0&&r.setAttribute(`nonce`,i),r.textContent=t.cssText,n.appendChild(r)}},c=t?e=>e:e=>e instanceof CSSStyleSheet?(e=>{let t=``;for(let n of e.cssRules)t+=n.cssText;return a(t)})(e):e,{is:l,defineProperty:u,getOwnPropertyDescriptor:d,getOwnPropertyNames:f,getOwnPropertySymbols:p,getPrototypeOf:m}=Object,h=globalThis,g=h.trustedTypes,ee=g?g.emptyScript:``,te=h.reactiveElementPolyfillSupport,_=(e,t)=>e,v={toAttribute(e,t){switch(t){case Boolean:e=e?ee:null;break;case Object:case Array:e=e==null?e:JSON.stringify(e)}return e},fromAttribute(e,t){let n=e;switch(t){case Boolean:n=e!==null;break;case Number:n=e===null?null:Number(e);break;case Object:case Array:try{n=JSON.parse(e)}catch{n=null}}return n}},ne=(e,t)=>!l(e,t),re={attribute:!0,type:String,converter:v,reflect:!1,useDefault:!1,hasChanged:ne};Symbol.metadata??=Symbol(`metadata`),h.litPropertyMetadata??=/* @__PURE__ */ new WeakMap;var y=class extends HTMLElement{static addInitializer(e){this._$Ei(),(this.l??=[]).push(e)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(e,t=re){if(t.state&&(t.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(e)&&((t=Object.create(t)).wrapped=!0),this.elementProperties.set(e,t),!t.noAccessor){let n=Symbol(),r=this.getPropertyDescriptor(e,n,t);r!==void 0&&u(this.prototype,e,r)}}static getPropertyDescriptor(e,t,n){let{get:r,set:i}=d(this.prototype,e)??{get(){return this[t]},set(e){this[t]=e}};return{get:r,set(t){let a=r?.call(this);i?.call(this,t),this.requestUpdate(e,a,n)},configurable:!0,enumerable:!0}}static getPropertyOptions(e){return this.elementProperties.get(e)??re}static _$Ei(){if(this.hasOwnProperty(_(`elementProperties`)))return;let e=m(this);e.finalize(),e.l!==void 0&&(this.l=[...e.l]),this.elementProperties=new Map(e.elementProperties)}static finalize(){if(this.hasOwnProperty(_(`finalized`)))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(_(`properties`))){let e=this.properties,t=[...f(e),...p(e)];for(let n of t)this.createProperty(n,e[n])}let e=this[Symbol.metadata];if(e!==null){let t=litPropertyMetadata.get(e);if(t!==void 0)for(let[e,n]of t)this.elementProperties.set(e,n)}this._$Eh=/* @__PURE__ */ new Map;for(let[e,t]of this.elementProperties){let n=this._$Eu(e,t);n!==void 0&&this._$Eh.set(n,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(e){let t=[];if(Array.isArray(e)){let n=new Set(e.flat(1/0).reverse());for(let e of n)t.unshift(c(e))}else e!==void 0&&t.push(c(e));return t}static _$Eu(e,t){let n=t.attribute;return!1===n?void 0:typeof n==`string`?n:typeof e==`string`?e.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(e=>this.enableUpdating=e),this._$AL=/* @__PURE__ */ new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(e=>e(this))}addController(e){(this._$EO??=/* @__PURE__ */ new Set).add(e),this.renderRoot!==void 0&&this.isConnected&&e.hostConnected?.()}removeController(e){this._$EO?.delete(e)}_$E_(){let e=/* @__PURE__ */ new Map,t=this.constructor.elementProperties;for(let n of t.keys())this.hasOwnProperty(n)&&(e.set(n,this[n]),delete this[n]);e.size>0&&(this._$Ep=e)}createRenderRoot(){let e=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return s(e,this.constructor.elementStyles),e}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(e=>e.hostConnected?.())}enableUpdating(e){}disconnectedCallback(){this._$EO?.forEach(e=>e.hostDisconnected?.())}attributeChangedCallback(e,t,n){this._$AK(e,n)}_$ET(e,t){let n=this.constructor.elementProperties.get(e),r=this.constructor._$Eu(e,n);if(r!==void 0&&!0===n.reflect){let i=(n.converter?.toAttribute===void 0?v:n.converter).toAttribute(t,n.type);this._$Em=e,i==null?this.removeAttribute(r):this.setAttribute(r,i),this._$Em=null}}_$AK(e,t){let n=this.constructor,r=n._$Eh.get(e);if(r!==void 0&&this._$Em!==r){let e=n.getPropertyOptions(r),i=typeof e.converter==`function`?{fromAttribute:e.converter}:e.converter?.fromAttribute===void 0?v:e.converter;this._$Em=r;let a=i.fromAttribute(t,e.type);this[r]=a??this._$Ej?.get(r)??a,this._$Em=null}}requestUpdate(e,t,n,r=!1,i){if(e!==void 0){let a=this.constructor;if(!1===r&&(i=this[e]),n??=a.getPropertyOptions(e),!((n.hasChanged??ne)(i,t)||n.useDefault&&n.reflect&&i===this._$Ej?.get(e)&&!this.hasAttribute(a._$Eu(e,n))))return;this.C(e,t,n)}!1===this.isUpdatePending&&(this._$ES=this._$EP())}C(e,t,{useDefault:n,reflect:r,wrapped:i},a){n&&!(this._$Ej??=/* @__PURE__ */ new Map).has(e)&&(this._$Ej.set(e,a??t??this[e]),!0!==i||a!==void 0)||(this._$AL.has(e)||(this.hasUpdated||n||(t=void 0),this._$AL.set(e,t)),!0===r&&this._$Em!==e&&(this._$Eq??=/* @__PURE__ */ new Set).add(e))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let e=this.scheduleUpdate();return e!=null&&await e,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[e,t]of this._$Ep)this[e]=t;this._$Ep=void 0}let e=this.constructor.elementProperties;if(e.size>0)for(let[t,n]of e){let{wrapped:e}=n,r=this[t];!0!==e||this._$AL.has(t)||r===void 0||this.C(t,void 0,n,r)}}let e=!1,t=this._$AL;try{e=this.shouldUpdate(t),e?(this.willUpdate(t),this._$EO?.forEach(e=>e.hostUpdate?.()),this.update(t)):this._$EM()}catch(t){throw e=!1,this._$EM(),t}e&&this._$AE(t)}willUpdate(e){}_$AE(e){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(e)),this.updated(e)}_$EM(){this._$AL=/* @__PURE__ */ new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(e){return!0}update(e){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(e){}firstUpdated(e){}};y.elementStyles=[],y.shadowRootOptions={mode:`open`},y[_(`elementProperties`)]=/* @__PURE__ */ new Map,y[_(`finalized`)]=/* @__PURE__ */ new Map,te?.({ReactiveElement:y}),(h.reactiveElementVersions??=[]).push(`2.1.2`);var ie=globalThis,ae=e=>e,b=ie.trustedTypes,oe=b?b.createPolicy(`lit-html`,{createHTML:e=>e}):void 0,se=`$lit$`,x=`lit$${Math.random().toFixed(9).slice(2)}$`,ce=`?`+x,le=`<${ce}>`,S=document,C=()=>S.createComment(``),w=e=>e===null||typeof e!=`object`&&typeof e!=`function`,ue=Array.isArray,de=e=>ue(e)||typeof e?.[Symbol.iterator]==`function`,fe=`[ 	
\f\r]`,T=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,pe=/-->/g,me=/>/g,E=RegExp(`>|${fe}(?:([^\\s"'>=/]+)(${fe}*=${fe}*(?:[^ \t\n\f\r"'\`<>=]|("|')|))|$)`,`g`),he=/'/g,ge=/"/g,_e=/^(?:script|style|textarea|title)$/i,D=(e=>(t,...n)=>({_$litType$:e,strings:t,values:n}))(1),O=Symbol.for(`lit-noChange`),k=Symbol.for(`lit-nothing`),ve=/* @__PURE__ */ new WeakMap,A=S.createTreeWalker(S,129);function ye(e,t){if(!ue(e)||!e.hasOwnProperty(`raw`))throw Error(`invalid template strings array`);return oe===void 0?t:oe.createHTML(t)}var be=(e,t)=>{let n=e.length-1,r=[],i,a=t===2?`<svg>`:t===3?`<math>`:``,o=T;for(let t=0;t<n;t++){let n=e[t],s,c,l=-1,u=0;for(;u<n.length&&(o.lastIndex=u,c=o.exec(n),c!==null);)u=o.lastIndex,o===T?c[1]===`!--`?o=pe:c[1]===void 0?c[2]===void 0?c[3]!==void 0&&(o=E):(_e.test(c[2])&&(i=RegExp(`</`+c[2],`g`)),o=E):o=me:o===E?c[0]===`>`?(o=i??T,l=-1):c[1]===void 0?l=-2:(l=o.lastIndex-c[2].length,s=c[1],o=c[3]===void 0?E:c[3]===`"`?ge:he):o===ge||o===he?o=E:o===pe||o===me?o=T:(o=E,i=void 0);let d=o===E&&e[t+1].startsWith(`/>`)?` `:``;a+=o===T?n+le:l>=0?(r.push(s),n.slice(0,l)+se+n.slice(l)+x+d):n+x+(l===-2?t:d)}return[ye(e,a+(e[n]||`<?>`)+(t===2?`</svg>`:t===3?`</math>`:``)),r]},xe=class e{constructor({strings:t,_$litType$:n},r){let i;this.parts=[];let a=0,o=0,s=t.length-1,c=this.parts,[l,u]=be(t,n);if(this.el=e.createElement(l,r),A.currentNode=this.el.content,n===2||n===3){let e=this.el.content.firstChild;e.replaceWith(...e.childNodes)}for(;(i=A.nextNode())!==null&&c.length<s;){if(i.nodeType===1){if(i.hasAttributes())for(let e of i.getAttributeNames())if(e.endsWith(se)){let t=u[o++],n=i.getAttribute(e).split(x),r=/([.?@])?(.*)/.exec(t);c.push({type:1,index:a,name:r[2],strings:n,ctor:r[1]===`.`?Ce:r[1]===`?`?we:r[1]===`@`?Te:N}),i.removeAttribute(e)}else e.startsWith(x)&&(c.push({type:6,index:a}),i.removeAttribute(e));if(_e.test(i.tagName)){let e=i.textContent.split(x),t=e.length-1;if(t>0){i.textContent=b?b.emptyScript:``;for(let n=0;n<t;n++)i.append(e[n],C()),A.nextNode(),c.push({type:2,index:++a});i.append(e[t],C())}}}else if(i.nodeType===8){if(i.data===ce)c.push({type:2,index:a});else{let e=-1;for(;(e=i.data.indexOf(x,e+1))!==-1;)c.push({type:7,index:a}),e+=x.length-1}}a++}}static createElement(e,t){let n=S.createElement(`template`);return n.innerHTML=e,n}};function j(e,t,n=e,r){if(t===O)return t;let i=r===void 0?n._$Cl:n._$Co?.[r],a=w(t)?void 0:t._$litDirective$;return i?.constructor!==a&&(i?._$AO?.(!1),a===void 0?i=void 0:(i=new a(e),i._$AT(e,n,r)),r===void 0?n._$Cl=i:(n._$Co??=[])[r]=i),i!==void 0&&(t=j(e,i._$AS(e,t.values),i,r)),t}var Se=class{constructor(e,t){this._$AV=[],this._$AN=void 0,this._$AD=e,this._$AM=t}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(e){let{el:{content:t},parts:n}=this._$AD,r=(e?.creationScope??S).importNode(t,!0);A.currentNode=r;let i=A.nextNode(),a=0,o=0,s=n[0];for(;s!==void 0;){if(a===s.index){let t;s.type===2?t=new M(i,i.nextSibling,this,e):s.type===1?t=new s.ctor(i,s.name,s.strings,this,e):s.type===6&&(t=new Ee(i,this,e)),this._$AV.push(t),s=n[++o]}a!==s?.index&&(i=A.nextNode(),a++)}return A.currentNode=S,r}p(e){let t=0;for(let n of this._$AV)n!==void 0&&(n.strings===void 0?n._$AI(e[t]):(n._$AI(e,n,t),t+=n.strings.length-2)),t++}},M=class e{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(e,t,n,r){this.type=2,this._$AH=k,this._$AN=void 0,this._$AA=e,this._$AB=t,this._$AM=n,this.options=r,this._$Cv=r?.isConnected??!0}get parentNode(){let e=this._$AA.parentNode,t=this._$AM;return t!==void 0&&e?.nodeType===11&&(e=t.parentNode),e}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(e,t=this){e=j(this,e,t),w(e)?e===k||e==null||e===``?(this._$AH!==k&&this._$AR(),this._$AH=k):e!==this._$AH&&e!==O&&this._(e):e._$litType$===void 0?e.nodeType===void 0?de(e)?this.k(e):this._(e):this.T(e):this.$(e)}O(e){return this._$AA.parentNode.insertBefore(e,this._$AB)}T(e){this._$AH!==e&&(this._$AR(),this._$AH=this.O(e))}_(e){this._$AH!==k&&w(this._$AH)?this._$AA.nextSibling.data=e:this.T(S.createTextNode(e)),this._$AH=e}$(e){let{values:t,_$litType$:n}=e,r=typeof n==`number`?this._$AC(e):(n.el===void 0&&(n.el=xe.createElement(ye(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===r)this._$AH.p(t);else{let e=new Se(r,this),n=e.u(this.options);e.p(t),this.T(n),this._$AH=e}}_$AC(e){let t=ve.get(e.strings);return t===void 0&&ve.set(e.strings,t=new xe(e)),t}k(t){ue(this._$AH)||(this._$AH=[],this._$AR());let n=this._$AH,r,i=0;for(let a of t)i===n.length?n.push(r=new e(this.O(C()),this.O(C()),this,this.options)):r=n[i],r._$AI(a),i++;i<n.length&&(this._$AR(r&&r._$AB.nextSibling,i),n.length=i)}_$AR(e=this._$AA.nextSibling,t){for(this._$AP?.(!1,!0,t);e!==this._$AB;){let t=ae(e).nextSibling;ae(e).remove(),e=t}}setConnected(e){this._$AM===void 0&&(this._$Cv=e,this._$AP?.(e))}},N=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(e,t,n,r,i){this.type=1,this._$AH=k,this._$AN=void 0,this.element=e,this.name=t,this._$AM=r,this.options=i,n.length>2||n[0]!==``||n[1]!==``?(this._$AH=Array(n.length-1).fill(/* @__PURE__ */ new String),this.strings=n):this._$AH=k}_$AI(e,t=this,n,r){let i=this.strings,a=!1;if(i===void 0)e=j(this,e,t,0),a=!w(e)||e!==this._$AH&&e!==O,a&&(this._$AH=e);else{let r=e,o,s;for(e=i[0],o=0;o<i.length-1;o++)s=j(this,r[n+o],t,o),s===O&&(s=this._$AH[o]),a||=!w(s)||s!==this._$AH[o],s===k?e=k:e!==k&&(e+=(s??``)+i[o+1]),this._$AH[o]=s}a&&!r&&this.j(e)}j(e){e===k?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,e??``)}},Ce=class extends N{constructor(){super(...arguments),this.type=3}j(e){this.element[this.name]=e===k?void 0:e}},we=class extends N{constructor(){super(...arguments),this.type=4}j(e){this.element.toggleAttribute(this.name,!!e&&e!==k)}},Te=class extends N{constructor(e,t,n,r,i){super(e,t,n,r,i),this.type=5}_$AI(e,t=this){if((e=j(this,e,t,0)??k)===O)return;let n=this._$AH,r=e===k&&n!==k||e.capture!==n.capture||e.once!==n.once||e.passive!==n.passive,i=e!==k&&(n===k||r);r&&this.element.removeEventListener(this.name,this,n),i&&this.element.addEventListener(this.name,this,e),this._$AH=e}handleEvent(e){typeof this._$AH==`function`?this._$AH.call(this.options?.host??this.element,e):this._$AH.handleEvent(e)}},Ee=class{constructor(e,t,n){this.element=e,this.type=6,this._$AN=void 0,this._$AM=t,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(e){j(this,e)}},De={M:se,P:x,A:ce,C:1,L:be,R:Se,D:de,V:j,I:M,H:N,N:we,U:Te,B:Ce,F:Ee},Oe=ie.litHtmlPolyfillSupport;Oe?.(xe,M),(ie.litHtmlVersions??=[]).push(`3.3.3`);var ke=(e,t,n)=>{let r=n?.renderBefore??t,i=r._$litPart$;if(i===void 0){let e=n?.renderBefore??null;r._$litPart$=i=new M(t.insertBefore(C(),e),e,void 0,n??{})}return i._$AI(e),i},Ae=globalThis,P=class extends y{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let e=super.createRenderRoot();return this.renderOptions.renderBefore??=e.firstChild,e}update(e){let t=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(e),this._$Do=ke(t,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return O}};P._$litElement$=!0,P.finalized=!0,Ae.litElementHydrateSupport?.({LitElement:P});var je=Ae.litElementPolyfillSupport;je?.({LitElement:P}),(Ae.litElementVersions??=[]).push(`4.2.2`);var Me=4,Ne=4e3,Pe=2e4,F=class extends Error{constructor(e){super(e.detail||e.title),this.body=e,this.name=`Problem`}get code(){return this.body.code}get status(){return this.body.status}get isUnsettled(){return this.code===`network`||this.code===`outcome_unknown`}};function I(e){return e instanceof F?e:Fe(e)}function Fe(e){return new F({status:0,code:`network`,title:`No answer`,detail:e instanceof Error?e.message:String(e),retryable:!0})}function L(){let e=crypto.getRandomValues(/* @__PURE__ */ new Uint8Array(18));return Array.from(e,e=>e.toString(16).padStart(2,`0`)).join(``)}var Ie=class{constructor(e,t){this.server=e,this.key=t,this.skewMs=0,this.accessToken=``}now(){return Date.now()+this.skewMs}url(e){return`${this.server.replace(/\/+$/,``)}${e}`}get headers(){return this.key===``?{}:{authorization:`Bearer ${this.key}`}}get access(){return this.accessToken===``?{}:{"access-token":this.accessToken}}events(e){return this.call(`/v1/events?limit=100${e?`&cursor=${encodeURIComponent(e)}`:``}`)}event(e){return this.call(`/v1/events/${encodeURIComponent(e)}`)}chart(e){return this.call(`/v1/charts/${encodeURIComponent(e)}`,{timeoutMs:12e4})}availability(e){return this.call(`/v1/events/${encodeURIComponent(e)}/availability`)}hold(e,t,n,r){return this.call(`/v1/events/${encodeURIComponent(e)}/holds`,{method:`POST`,body:t,headers:{...this.access,...n===void 0?{}:{"if-seq":String(n)}},...r?{idempotencyKey:r}:{}})}readHold(e,t){return this.call(`/v1/holds/${encodeURIComponent(e)}`,{headers:{"hold-token":t}})}changeHold(e,t,n){return this.call(`/v1/holds/${encodeURIComponent(e)}`,{method:`PATCH`,body:n,headers:{...this.access,"hold-token":t}})}releaseHold(e,t){return this.call(`/v1/holds/${encodeURIComponent(e)}`,{method:`DELETE`,headers:{"hold-token":t}})}confirm(e,t,n,r){return this.call(`/v1/holds/${encodeURIComponent(e)}/confirm`,{method:`POST`,body:n,headers:{"hold-token":t},idempotencyKey:r})}async call(e,t={}){let n=await this.text(e,t);try{return n===``?void 0:JSON.parse(n)}catch{throw new F({status:0,code:`network`,title:`An answer that cannot be read`,detail:`${e} did not answer with JSON`,retryable:!1})}}async text(e,t={}){let n=t.method??`GET`,r=n===`POST`||n===`PATCH`,i={...this.headers,...t.headers};r&&(i[`idempotency-key`]=t.idempotencyKey??L()),t.body!==void 0&&(i[`content-type`]=`application/json`);let a={method:n,headers:i,credentials:`omit`};t.body!==void 0&&(a.body=typeof t.body==`string`?t.body:JSON.stringify(t.body));for(let n=1;;n++)try{return await this.once(e,a,t)}catch(e){if(t.signal?.aborted)throw e;let r=I(e);if(!(r.isUnsettled||[`overloaded`,`unavailable`,`idempotency_in_flight`].includes(r.code))||n>=(t.attempts??Me))throw r;await Re(Math.min(r.body.retry_after_ms??250*2**n,Ne),t.signal)}}async once(e,t,n){let r=AbortSignal.timeout(n.timeoutMs??Pe),i=n.signal?AbortSignal.any([n.signal,r]):r,a,o;try{a=await fetch(this.url(e),{...t,signal:i}),o=await a.text()}catch(e){throw n.signal?.aborted?e:Fe(e)}if(this.readClock(a),!a.ok)throw Le(a.status,o);return o}readClock(e){let t=Date.parse(e.headers.get(`date`)??``);Number.isFinite(t)&&(this.skewMs=t+500-Date.now())}};function Le(e,t){try{let n=JSON.parse(t);if(typeof n==`object`&&n&&typeof n.code==`string`)return new F({...n,status:e})}catch{}return new F({status:e,code:e===401?`unauthorized`:e===404?`not_found`:e>=500?`unavailable`:`unexpected`,title:`HTTP ${e}`,detail:`HTTP ${e}`,retryable:e>=500})}function Re(e,t){return new Promise((n,r)=>{if(t?.aborted)return r(t.reason);let i=setTimeout(()=>{t?.removeEventListener(`abort`,a),n()},e),a=()=>{clearTimeout(i),r(t?.reason)};t?.addEventListener(`abort`,a,{once:!0})})}function ze({places:e=[],areas:t=[]}){return e.length+t.reduce((e,t)=>e+t.quantity,0)}var Be=class extends EventTarget{constructor(e,t,n){super(),this.client=e,this.eventId=t,this.storage=n,this.current={kind:`empty`},this.stopper=new AbortController,n&&globalThis.addEventListener?.(`storage`,e=>{e.key===this.storageKey&&this.restore()},{signal:this.stopper.signal})}stop(){this.stopper.abort(),clearTimeout(this.timer)}get state(){return this.current}get hold(){return this.current.kind===`held`?this.current.hold:void 0}get leftMs(){return this.hold?Math.max(0,Date.parse(this.hold.expires_at)-this.client.now()):0}get storageKey(){return`flashtix:basket:${this.eventId}`}async restore(){let e;try{e=JSON.parse(this.storage?.getItem(this.storageKey)??`null`)}catch{e=void 0}if(!e||typeof e.id!=`string`||typeof e.token!=`string`)this.kept=void 0,this.become({kind:`empty`});else{this.kept=e;try{this.know({...await this.client.readHold(e.id,e.token),token:e.token})}catch(e){let t=I(e);if(t.status===404||t.status===403)this.forget();else throw t}}}async take(e,t,n){let r=this.hold;if(r)try{let t=await this.client.changeHold(r.id,r.token,{add:e});return this.know({...t,token:r.token})}catch(e){let t=I(e);if(t.code!==`hold_expired`&&t.status!==404)throw t}let i=await this.client.hold(this.eventId,{...e,buyer:t},n);return this.kept={id:i.id,token:i.token,confirmKey:L()},this.keep(),this.know(i)}async remove(e){let t=this.hold;if(t){if(ze(e)>=ze(t))return this.release();this.know({...await this.client.changeHold(t.id,t.token,{remove:e}),token:t.token})}}async extend(e){let t=this.hold;t&&this.know({...await this.client.changeHold(t.id,t.token,{seconds:e}),token:t.token})}async release(){let e=this.hold;e&&(await this.client.releaseHold(e.id,e.token),this.forget())}async confirm(e){let t=this.hold;if(!t||!this.kept)throw new F({status:409,code:`hold_expired`,title:``,detail:``,retryable:!1});let n=this.kept.payment??={buyer:e,payment_ref:`web-${L()}`,amount:t.amount};this.keep();let r;try{r=await this.client.confirm(t.id,t.token,n,this.kept.confirmKey)}catch(e){let n=I(e);throw n.isUnsettled||(delete this.kept.payment,this.kept.confirmKey=L(),this.keep()),n.code===`hold_expired`&&this.become({kind:`lapsed`,hold:t}),n}return this.kept.order=r,this.keep(),this.become({kind:`bought`,hold:{...t,status:`confirmed`},order:r}),r}forget(){this.kept=void 0;try{this.storage?.removeItem(this.storageKey)}catch{}this.become({kind:`empty`})}keep(){try{this.storage?.setItem(this.storageKey,JSON.stringify(this.kept))}catch{}}know(e){return clearTimeout(this.timer),e.status===`confirmed`?this.become({kind:`bought`,hold:e,order:this.kept?.order}):e.status===`active`&&Date.parse(e.expires_at)>this.client.now()?(this.become({kind:`held`,hold:e}),this.timer=setTimeout(()=>this.lapse(),Math.min(this.leftMs+20,2**31-1))):e.status===`released`?this.forget():this.become({kind:`lapsed`,hold:e}),e}lapse(){this.current.kind===`held`&&(this.leftMs>0?this.timer=setTimeout(()=>this.lapse(),Math.min(this.leftMs+20,2**31-1)):this.askWhetherLapsed(this.current.hold))}async askWhetherLapsed(e){let t;try{t={...await this.client.readHold(e.id,e.token),token:e.token}}catch{}this.current.kind===`held`&&this.current.hold.id===e.id&&(t?this.know(t):this.become({kind:`lapsed`,hold:e}))}become(e){this.current=e,this.dispatchEvent(new Event(`change`))}};function Ve(e,t,n){let[r,i]={left:[-1,0],right:[1,0],up:[0,-1],down:[0,1]}[n],[a,o]=[e.x[t],e.y[t]],s,c=1/0;for(let t=0;t<e.size;t++){let[n,l]=[e.x[t]-a,e.y[t]-o],u=n*r+l*i,d=Math.abs(n*i-l*r);if(u<=e.pitch*.05||d>u*1.2)continue;let f=u+d*3;f<c&&(c=f,s=t)}return s}function He(e,t,n){let r=t[0];if(r===void 0)return;let i=new Set(t.map(t=>e.category[t])),a=t.reduce((t,n)=>t+e.x[n],0)/t.length,o=t.reduce((t,n)=>t+e.y[n],0)/t.length,s=e.flags[r],c,l=1/0,u=0;for(let r=0;r<e.size;r++){let d=r>0&&e.row[r]===e.row[r-1]&&u>0;if(u=n(r)&&i.has(e.category[r])&&e.flags[r]===s?d?u+1:1:0,u<t.length)continue;let f=r-(t.length-1)/2,p=(e.x[Math.floor(f)]+e.x[Math.ceil(f)])/2,m=(e.y[Math.floor(f)]+e.y[Math.ceil(f)])/2,h=(p-a)**2+(m-o)**2;h<l&&(l=h,c=r-t.length+1)}return c===void 0?void 0:t.map((e,t)=>c+t)}var Ue=[`free`,`held`,`sold`,`blocked`,`taken`],We={free:0,held:0,sold:0,blocked:0};function Ge(e){return e===`f`?0:e===`h`?1:e===`s`?2:e===`b`?3:4}function R(e){return Ue[e]??`taken`}var Ke=class{constructor(e){this.venue=e,this.areas=/* @__PURE__ */ new Map,this.dirty=/* @__PURE__ */ new Set,this.isAllDirty=!0,this.seq=0,this.seats=new Uint8Array(e.size).fill(4),this.freeBySection=new Uint32Array(e.sections.length)}replace(e){if(e.seats.length!==this.venue.size)return!1;for(let t=0;t<this.venue.size;t++)this.seats[t]=Ge(e.seats.charAt(t));this.freeBySection.fill(0);for(let e=0;e<this.venue.size;e++)this.seats[e]===0&&(this.freeBySection[this.venue.section[e]]+=1);this.areas.clear();for(let[t,n]of Object.entries(e.areas??{}))qe(n)&&this.areas.set(t,n);return this.seq=e.seq,this.isAllDirty=!0,!0}apply(e){let t=Object.entries(e.seats??{}),n=Object.entries(e.areas??{});for(let[e,n]of t)if(!/^\d{1,9}$/.test(e)||Number(e)>=this.venue.size||typeof n!=`string`)return!1;if(!n.every(([,e])=>qe(e)))return!1;if(e.seq<=this.seq)return!0;for(let[e,n]of t)this.set(Number(e),Ge(n));for(let[e,t]of n)this.areas.set(e,t);return this.seq=e.seq,!0}set(e,t){let n=this.seats[e];if(n===t)return;let r=this.venue.section[e];n===0&&--this.freeBySection[r],t===0&&(this.freeBySection[r]+=1),this.seats[e]=t,this.dirty.add(e)}isFree(e){return this.seats[e]===0}area(e){return this.areas.get(e)??We}totals(){let e={...We};for(let t of this.seats)t===0?e.free+=1:t===2?e.sold+=1:t===3?e.blocked+=1:e.held+=1;for(let t of this.areas.values())e.free+=t.free,e.held+=t.held,e.sold+=t.sold,e.blocked+=t.blocked;return e}drain(){let e=this.isAllDirty?void 0:this.dirty;return this.dirty=/* @__PURE__ */ new Set,this.isAllDirty=!1,e}};function qe(e){if(typeof e!=`object`||!e)return!1;let{free:t,held:n,sold:r,blocked:i}=e;return[t,n,r,i].every(e=>Number.isSafeInteger(e)&&e>=0)}function z(e,t){let n=[];for(let r of e.ticket_types){let i=Je(e,t,r.key);r.public&&i!==void 0&&n.push({ticketType:r.key,name:r.name??r.key,price:i})}return n}function Je(e,t,n){if(e.prices===null)return 0;let r=Object.hasOwn(e.prices,t)?e.prices[t]:void 0;return typeof r==`number`||r===void 0?r:Object.hasOwn(r,n)?r[n]:void 0}function B(e,t){let n=z(e,t).map(e=>e.price);return n.length>0?Math.min(...n):void 0}var Ye=/* @__PURE__ */ new Map;function V(e,t,n){let r=`${n} ${t}`,i=Ye.get(r);if(!i){try{i=new Intl.NumberFormat(n,{style:`currency`,currency:t})}catch{i=new Intl.NumberFormat(n,{minimumFractionDigits:2})}Ye.set(r,i)}return i.format(e/10**Xe(t))}function Xe(e){try{return new Intl.NumberFormat(`en`,{style:`currency`,currency:e}).resolvedOptions().maximumFractionDigits??2}catch{return 2}}var Ze=class{constructor(e,t,n){this.venue=e,this.event=t,this.max=n,this.seats=/* @__PURE__ */ new Map,this.units=/* @__PURE__ */ new Map}setEvent(e){this.event=e}takeOver(e,t){let n=new Map(this.venue.labels.map((e,t)=>[e,t]));for(let[t,n]of e.units)this.units.set(t,n);let r=[];for(let{seat:i,ticketType:a}of e.chosenSeats){let o=e.venue.labels[i],s=n.get(o);s!==void 0&&t(s)&&this.add(s,a)||r.push(o)}return r}get size(){let e=this.seats.size;for(let{quantity:t}of this.units.values())e+=t;return e}has(e){return this.seats.has(e)}get chosenSeats(){return[...this.seats].map(([e,t])=>({seat:e,ticketType:t}))}get chosenUnits(){return[...this.units.values()].filter(e=>e.quantity>0)}unitsOf(e,t){return this.units.get(`${e}\n${t}`)?.quantity??0}add(e,t){let n=this.offersOf(e),r=n.find(e=>e.ticketType===t)??n[0];return!r||!this.seats.has(e)&&this.size>=this.max?!1:(this.seats.set(e,r.ticketType),!0)}remove(e){return this.seats.delete(e)}setUnits(e,t,n,r){let i=`${e}\n${t}`,a=this.units.get(i)?.quantity??0,o=this.chosenUnits.filter(t=>t.area===e).reduce((e,t)=>e+t.quantity,0),s=Math.min(this.max-this.size+a,r-o+a),c=Math.max(0,Math.min(Math.floor(n)||0,s));return c===0?this.units.delete(i):this.units.set(i,{area:e,ticketType:t,quantity:c}),c}clear(){this.seats.clear(),this.units.clear()}get amount(){let e=0;for(let[t,n]of this.seats)e+=this.offersOf(t).find(e=>e.ticketType===n)?.price??0;for(let{area:t,ticketType:n,quantity:r}of this.units.values()){let i=this.venue.areas.find(e=>e.name===t)?.category??0,a=this.venue.categories[i]?.key??``;e+=r*(z(this.event,a).find(e=>e.ticketType===n)?.price??0)}return e}get wanted(){let e=[...this.seats].map(([e,t])=>({place:this.venue.labels[e],ticket_type:t})),t=this.chosenUnits.map(e=>({name:e.area,quantity:e.quantity,ticket_type:e.ticketType}));return{...e.length>0?{places:e}:{},...t.length>0?{areas:t}:{}}}offersOf(e){return z(this.event,this.venue.categories[this.venue.category[e]]?.key??``)}},Qe=2e3;function H(e,t,n,r){if(r<=n)return{left:0,top:0,right:0,bottom:0};let i={left:1/0,top:1/0,right:-1/0,bottom:-1/0};for(let a=n;a<r;a++)i.left=Math.min(i.left,e[a]??0),i.right=Math.max(i.right,e[a]??0),i.top=Math.min(i.top,t[a]??0),i.bottom=Math.max(i.bottom,t[a]??0);return i}function U(e){return{x:(e.left+e.right)/2,y:(e.top+e.bottom)/2}}function $e(e){let t=[...e].sort((e,t)=>e[0]-t[0]||e[1]-t[1]);if(t.length<3)return t;let n=e=>{let t=[];for(let n of e){for(;t.length>1&&et(t[t.length-2],t[t.length-1],n)<=0;)t.pop();t.push(n)}return t.pop(),t};return[...n(t),...n(t.reverse())]}function et(e,t,n){return(t[0]-e[0])*(n[1]-e[1])-(t[1]-e[1])*(n[0]-e[0])}function tt(e,t,n){let r=n=>[e[n]??0,t[n]??0],i=n.filter(e=>e.end>e.first).map(e=>{let[t,n]=[r(e.first),r(e.end-1)];return{a:t,b:n,row:e}}),a=i[0],o=i[i.length-1];if(!a||!o)return[];let s=[a.b[0]-a.a[0],a.b[1]-a.a[1]];if(!i.every(({a:e,b:t,row:n})=>n.end-n.first>1&&(t[0]-e[0])*s[0]+(t[1]-e[1])*s[1]>0)){let e=[];for(let{row:t}of i)for(let n=t.first;n<t.end;n++)e.push(r(n));return $e(e)}let c=e=>{let t=[],n=Math.max(1,Math.floor((e.end-e.first)/24));for(let i=e.first;i<e.end-1;i+=n)t.push(r(i));return t.push(r(e.end-1)),t},l=i.slice(1,-1);return[...c(a.row),...l.map(e=>e.b),...i.length>1?c(o.row).reverse():[],...l.map(e=>e.a).reverse()]}function nt(e,t,n){let r=!1;for(let i=0,a=e.length-1;i<e.length;a=i++){let[o,s]=e[i],[c,l]=e[a];s>n!=l>n&&t<(c-o)*(n-s)/(l-s)+o&&(r=!r)}return r}function rt(e,t){if(typeof e!=`object`||!e)return;let{points:n}=e;if(!Array.isArray(n)||n.length<3||n.length>Qe)return;let r=[];for(let e of n){if(!Array.isArray(e))return;let[n,i]=e;if(typeof n!=`number`||typeof i!=`number`||!(Math.abs(n)<=1e7)||!(Math.abs(i)<=1e7))return;r.push([n-t.x,i-t.y])}return r}var it=[`#0072B2`,`#E69F00`,`#009E73`,`#CC79A7`,`#56B4E9`,`#D55E00`,`#8C6BB1`,`#7A7A00`],at=/^#[0-9a-f]{6}$/i;function ot(e){return(e?.sections??[]).reduce((e,t)=>e+t.rows.reduce((e,t)=>e+t.seats.length,0),0)}function st(e,t,n){let r=ht(e?.categories??[],n),i=new Map(r.map((e,t)=>[e.key,t])),a=ot(e),o={name:e?.name??``,size:a,x:new Float32Array(a),y:new Float32Array(a),category:new Uint16Array(a),section:new Uint16Array(a),row:new Uint32Array(a),flags:new Uint8Array(a),labels:Array(a),categories:r,sections:[],rows:[],areas:[],pitch:1,box:{left:0,top:0,right:1,bottom:1},focal:void 0},s=ut(e);e&&ct(o,e,i,s),o.pitch=dt(o);for(let e of o.sections)e.box=H(o.x,o.y,e.first,e.end),e.border=tt(o.x,o.y,e.rows),e.middle=U(e.box),ft(o,e);return o.box=pt(o),e?.focal_point&&lt(e.focal_point.x)&&lt(e.focal_point.y)&&(o.focal={x:e.focal_point.x-s.x,y:e.focal_point.y-s.y}),mt(o,e,t,i,s),o}function ct(e,t,n,r){let i=0;for(let a of t.sections){let t=i,o=[];for(let t of a.rows){let s=i;for(let o of t.seats)e.x[i]=G(o.x)-r.x,e.y[i]=G(o.y)-r.y,e.category[i]=n.get(o.category)??0,e.section[i]=e.sections.length,e.row[i]=e.rows.length,e.flags[i]=+!!o.accessible|(o.attributes?.includes(`companion`)?2:0)|(o.attributes?.includes(`restricted_view`)?4:0),e.labels[i]=`${a.name}-${t.label}-${o.label}`,i+=1;let c={label:String(t.label),first:s,end:i,section:e.sections.length};o.push(c),e.rows.push(c)}e.sections.push({name:String(a.name),first:t,end:i,rows:o,box:{left:0,top:0,right:0,bottom:0},border:[],middle:{x:0,y:0}})}}function W(e,t){let n=e.rows[e.row[t]??0],r=e.sections[e.section[t]??0];return(e.labels[t]??``).slice((r?.name.length??0)+(n?.label.length??0)+2)}function lt(e){return typeof e==`number`&&Number.isFinite(e)}function G(e){return lt(e)?Math.max(-1e7,Math.min(1e7,e)):0}function ut(e){let t={left:1/0,top:1/0,right:-1/0,bottom:-1/0};for(let n of e?.sections??[])for(let e of n.rows)for(let n of e.seats)t.left=Math.min(t.left,G(n.x)),t.right=Math.max(t.right,G(n.x)),t.top=Math.min(t.top,G(n.y)),t.bottom=Math.max(t.bottom,G(n.y));return Number.isFinite(t.left)?U(t):{x:0,y:0}}function dt(e){let t=[],n=Math.max(1,Math.floor(e.size/5e3));for(let r=n;r<e.size;r+=n){if(e.row[r]!==e.row[r-1])continue;let n=Math.hypot((e.x[r]??0)-(e.x[r-1]??0),(e.y[r]??0)-(e.y[r-1]??0));n>1e-6&&t.push(n)}if(t.length>0)return t.sort((e,t)=>e-t),t[Math.floor(t.length/2)]??1;let r=H(e.x,e.y,0,e.size),i=Math.max(r.right-r.left,r.bottom-r.top);return i>0?i/Math.max(2,Math.sqrt(e.size)):1}function ft(e,t){let n=1/0,r=t.middle;for(let i=t.first;i<t.end;i++){let a=e.x[i]??0,o=e.y[i]??0,s=(a-t.middle.x)**2+(o-t.middle.y)**2;s<n&&(n=s,r={x:a,y:o})}n>(e.pitch*3)**2&&(t.middle=r)}function pt(e){let t=H(e.x,e.y,0,e.size);if(e.size<100)return t;let n={left:K(e.x,.01),right:K(e.x,.99),top:K(e.y,.01),bottom:K(e.y,.99)},r=Math.max(n.right-n.left,e.pitch),i=Math.max(n.bottom-n.top,e.pitch);return t.right-t.left>8*r||t.bottom-t.top>8*i?{left:n.left-r/4,right:n.right+r/4,top:n.top-i/4,bottom:n.bottom+i/4}:t}function K(e,t){let n=Float32Array.from(e).sort();return n[Math.min(n.length-1,Math.floor(n.length*t))]??0}function mt(e,t,n,r,i){let a=new Map((t?.areas??[]).map(e=>[e.name,e.shape])),o=e.size>0?Math.max((e.box.right-e.box.left)/5,e.pitch*8):100,s=e.size>0?e.box.left:0,c=e.size>0?e.box.bottom+o*.2:0,l=0;for(let t of n){let n=rt(a.get(t.name),i);n||(n=[[s,c],[s+o*.94,c],[s+o*.94,c+o*.5],[s,c+o*.5]],l+=1,s+=o,l%5==0&&(s=e.size>0?e.box.left:0,c+=o*.56));let u=H(n.map(e=>e[0]),n.map(e=>e[1]),0,n.length);e.areas.push({name:t.name,capacity:t.capacity,category:r.get(t.category)??0,border:n,box:u,middle:U(u)})}let u=e.areas.map(e=>e.box);e.size>0&&u.push(e.box),u.length!==0&&(e.box={left:Math.min(...u.map(e=>e.left)),top:Math.min(...u.map(e=>e.top)),right:Math.max(...u.map(e=>e.right)),bottom:Math.max(...u.map(e=>e.bottom))})}function ht(e,t){let n=new Set(e.map(e=>e.key));return[...e,...t.filter(e=>!n.has(e)).map(e=>({key:e,name:e,color:``}))].map((e,t)=>({key:e.key,name:e.name||e.key,color:at.test(e.color??``)?e.color:it[t%it.length]??`#0072B2`}))}var gt=o`
  :host {
    --ink: #18202b;
    --faint: #5a6675;
    --surface: #f6f7f9;
    --panel: #ffffff;
    --line: #d5dae1;
    --accent: #1b1f8a;
    --accent-soft: #eceefb;
    --on-accent: #ffffff;
    --danger: #a4161a;
    --danger-soft: #fdecec;
    --warn: #7a4b00;
    --warn-soft: #fff3d9;
    --good: #0b6b3a;
    --good-soft: #e2f5ea;
    --round: 10px;
    --shadow: 0 1px 2px rgb(16 24 40 / 8%), 0 4px 16px rgb(16 24 40 / 8%);
    color: var(--ink);
    font: 15px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
    color-scheme: light;
  }
  :host([theme='dark']) {
    --ink: #eef2f7;
    --faint: #a3b0c0;
    --surface: #11151c;
    --panel: #1a212b;
    --line: #364252;
    --accent: #aeb6ff;
    --accent-soft: #262c4d;
    --on-accent: #11151c;
    --danger: #ffb3b3;
    --danger-soft: #4a1f24;
    --warn: #ffd58a;
    --warn-soft: #43330f;
    --good: #9be3b9;
    --good-soft: #143626;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 4px 18px rgb(0 0 0 / 40%);
    color-scheme: dark;
  }
  * {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
`,_t=o`
  button,
  .button,
  select,
  input,
  textarea {
    font: inherit;
    color: inherit;
  }
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-height: 36px;
    padding: 6px 14px;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--panel);
    color: var(--ink);
    text-decoration: none;
    cursor: pointer;
    white-space: nowrap;
  }
  button:hover:not(:disabled),
  .button:hover {
    border-color: var(--faint);
  }
  button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  button.primary,
  .button.primary {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  button.plain {
    border-color: transparent;
    background: none;
  }
  button.danger {
    color: var(--danger);
    border-color: currentColor;
  }
  button[aria-pressed='true'],
  button[aria-selected='true'] {
    background: var(--accent-soft);
    border-color: var(--accent);
    color: var(--accent);
  }
  :is(button, a, select, input, textarea, summary, [tabindex]):focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  select,
  input:not([type='checkbox'], [type='radio'], [type='file']),
  textarea {
    min-height: 36px;
    padding: 6px 10px;
    border: 1px solid var(--faint);
    border-radius: 8px;
    background: var(--panel);
  }
  a {
    color: var(--accent);
  }
  .quiet {
    color: var(--faint);
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;function vt(){return globalThis.matchMedia?.(`(prefers-color-scheme: dark)`).matches??!1}var yt={direction:`rtl`,map:e=>`مخطط مقاعد ${e}`,mapHelp:`تنتقل مفاتيح الأسهم من مقعد إلى آخر. مفتاح الإدخال يختار. زائد وناقص للتكبير والتصغير، والصفر يعرض كل شيء.`,stage:`المسرح`,loading:`جارٍ جلب المقاعد…`,zoomIn:`تكبير`,zoomOut:`تصغير`,zoomFit:`عرض كل شيء`,asMap:`مخطط`,asList:`قائمة`,showAs:`طريقة العرض`,categories:`الأسعار`,allCategories:`كل الأسعار`,left:e=>e===0?`نفدت`:`المتبقي: ${e}`,section:`القسم`,row:`الصف`,seat:`المقعد`,area:`أماكن الوقوف`,chooseSection:`اختر قسمًا`,back:`العودة إلى كل الأقسام`,more:e=>`عرض المزيد: ${e}`,seatTitle:(e,t,n)=>`القسم ${e}، الصف ${t}، المقعد ${n}`,accessible:`مكان لكرسي متحرك`,companion:`مقعد مرافق`,restricted:`رؤية محدودة`,status:{free:`متاح`,held:`يشتريه شخص آخر الآن`,sold:`مباع`,blocked:`ليس للبيع`,taken:`غير متاح`},mine:`محجوز لك`,chosen:`مختار`,notSold:`لا يباع هنا`,key:{free:`متاح`,held:`محجوز`,sold:`مباع`,mine:`لك`,accessible:`كرسي متحرك`},yourChoice:`اختيارك`,nothingChosen:`اختر مقاعد من المخطط، أو دعنا نجد لك أفضل المقاعد المتجاورة.`,total:`المجموع`,hold:e=>`احجز لي (العدد: ${e})`,clear:`مسح`,remove:e=>`إزالة ${e}`,ticketTypeFor:e=>`نوع التذكرة لـ ${e}`,quantityFor:e=>`الكمية: ${e}`,fewer:e=>`أقل بواحد: ${e}`,oneMore:e=>`أكثر بواحد: ${e}`,limitReached:e=>`الحد الأقصى للأماكن في المرة الواحدة: ${e}.`,seatGone:(e,t)=>`لم يعد ${e} متاحًا: ${t}. أزيل من اختيارك.`,best:`أفضل المقاعد المتجاورة`,people:`العدد`,upTo:`السعر`,anyPrice:`أي سعر`,priceUpTo:e=>`حتى ${e} للمقعد`,findBest:`ابحث عن مقاعد`,wheelchairOnly:`أماكن الكراسي المتحركة`,apart:`لا يوجد هذا العدد من المقاعد المتجاورة. هل تقبل مقاعد متفرقة؟`,takeApart:`نعم، متفرقة`,live:`مباشر`,lost:`انقطع الاتصال ونحن نعيده. ما تراه قد يكون قديمًا.`,reconnected:`عاد الاتصال. المخطط محدّث.`,busy:`لحظة…`,retry:`حاول مجددًا`,close:`إغلاق`,held:e=>`حُجزت لك أماكن، عددها: ${e}.`,suggestion:e=>`متاح وقريب جدًا: ${e}.`,takeSuggestion:`خذ هذه`,reasons:{held:`يشتريه شخص آخر الآن، وقد يعود`,sold:`مباع`,blocked:`ليس للبيع`,pending:`طلبه شخص آخر في اللحظة نفسها`,unknown:`ليس من أماكن هذا الحدث`},problems:{place_unavailable:`سبقك شخص آخر.`,place_contended:`طلب شخص آخر هذا المكان في اللحظة نفسها. حاول بعد ثانية.`,sold_out:`لم يبقَ ما يكفي لطلبك.`,all_held:`كل الأماكن الباقية محجوزة لآخرين الآن. قد يعود بعضها بعد دقائق.`,not_enough_adjacent:`لا يوجد هذا العدد من المقاعد المتجاورة.`,sale_not_open:`لم يبدأ البيع بعد.`,sale_closed:`انتهى البيع.`,sale_paused:`أوقف المنظم البيع مؤقتًا. اختيارك محفوظ، حاول بعد قليل.`,event_cancelled:`أُلغي هذا الحدث.`,access_required:`هذا البيع لمن لديه رمز دخول.`,hold_expired:`انتهى وقتك، وعادت الأماكن.`,hold_changed:`تغيّرت سلتك في نافذة أخرى. راجعها من فضلك.`,already_confirmed:`لقد اشتريت هذا من قبل.`,not_priced:`هذه التذكرة لا تباع هنا.`,unauthorized:`هذه الصفحة غير مخوّلة بالبيع: مفتاحها ناقص أو خاطئ. أخبر المتجر من فضلك.`,forbidden:`هذه الصفحة غير مخوّلة بذلك. أخبر المتجر من فضلك.`,not_found:`لا يوجد حدث كهذا، أو أنه ليس معروضًا للبيع.`,rate_limited:`طلبات كثيرة دفعة واحدة. انتظر لحظة من فضلك.`,overloaded:`العدد هنا كبير جدًا. لم يحدث شيء: حاول مجددًا من فضلك.`,unavailable:`تعذّر الوصول إلى شباك التذاكر للحظة. لم يحدث شيء: حاول مجددًا من فضلك.`,network:`فشل الاتصال. حاول مجددًا: لن يُشترى شيء مرتين.`,outcome_unknown:`ضاع الجواب. حاول مجددًا: تحصل على ما طلبت مرة واحدة، لا مرتين.`,validation:`لم يفهم شباك التذاكر هذه الصفحة. أخبر المتجر من فضلك.`},problemElse:e=>`لم ينجح ذلك: ${e}`,limitExceeded:e=>`الحد الأقصى للأماكن لكل مشترٍ: ${e}.`,opensAt:e=>`يبدأ البيع في ${e}.`,notOnSale:{draft:`هذا الحدث ليس معروضًا للبيع.`,open:``,paused:`البيع متوقف مؤقتًا.`,closed:`انتهى البيع.`,cancelled:`أُلغي هذا الحدث.`},shop:{title:`التذاكر`,events:`معروض للبيع الآن`,noEvents:`لا شيء معروض للبيع حاليًا.`,from:e=>`من ${e}`,choose:`اختر المقاعد`,allEvents:`كل الأحداث`,basket:`سلتك`,emptyBasket:`لا شيء محجوز لك بعد.`,keptFor:`محجوز لك، الوقت المتبقي`,keptUntil:e=>`محجوز حتى ${e}`,moreTime:`وقت إضافي`,noMoreTime:`لا يمكن حجز الأماكن مدة أطول.`,giveBack:`إعادة كل شيء`,email:`بريدك الإلكتروني`,emailHint:`إليه يُرسل طلبك.`,emailMissing:`أدخل بريدًا إلكترونيًا من فضلك، مثل ada@example.org.`,buy:e=>`اشترِ مقابل ${e}`,buyFree:`اطلب`,demoPayment:`هذا بيع تجريبي: لا تُدفع أي نقود.`,payElsewhere:`يؤكد المتجر طلبك بعد الدفع. تبقى أماكنك محجوزة حتى ذلك الحين.`,lapsed:`انتهى وقتك، وعادت أماكنك إلى الآخرين.`,again:`حاول الحصول على الأماكن نفسها`,someGone:e=>`أخذها آخرون في هذه الأثناء: ${e}.`,order:`طلبك`,thanks:`هذه الأماكن لك.`,orderNumber:`رقم الطلب`,ticket:`المكان`,price:`السعر`,another:`شراء تذاكر أخرى`,orderElsewhere:`اشتُريت هذه الأماكن في نافذة أخرى من هذا المتصفح.`,noKey:`يحتاج هذا الخادم إلى معرفة المتجر.`,noKeyHow:`افتح هذه الصفحة مع مفتاح عام في آخر عنوانها: ?key=pk_…`,wrongKey:`المفتاح في عنوان هذه الصفحة غير صالح.`,places:(e,t)=>`المتاح: ${e} من ${t}`,startsAt:e=>`يبدأ ${e}`,organizers:`للمنظمين`,api:`API`,testSale:`بيع تجريبي`,loading:`لحظة…`}},q=(e,t,n)=>e===1?t:n,bt={direction:`ltr`,map:e=>`Saalplan von ${e}`,mapHelp:`Pfeiltasten gehen von Platz zu Platz. Eingabe wählt aus. Plus und Minus ändern die Größe, 0 zeigt alles.`,stage:`Bühne`,loading:`Die Plätze werden geholt …`,zoomIn:`Größer`,zoomOut:`Kleiner`,zoomFit:`Alles zeigen`,asMap:`Plan`,asList:`Liste`,showAs:`Ansicht`,categories:`Preise`,allCategories:`Alle Preise`,left:e=>e===0?`ausverkauft`:`${e} frei`,section:`Block`,row:`Reihe`,seat:`Platz`,area:`Stehplätze`,chooseSection:`Block wählen`,back:`Zurück zu allen Blöcken`,more:e=>`${e} weitere zeigen`,seatTitle:(e,t,n)=>`Block ${e}, Reihe ${t}, Platz ${n}`,accessible:`Rollstuhlplatz`,companion:`Begleitplatz`,restricted:`Sicht eingeschränkt`,status:{free:`frei`,held:`wird gerade gekauft`,sold:`verkauft`,blocked:`nicht im Verkauf`,taken:`nicht verfügbar`},mine:`für Sie zurückgelegt`,chosen:`ausgewählt`,notSold:`hier nicht im Verkauf`,key:{free:`Frei`,held:`Zurückgelegt`,sold:`Verkauft`,mine:`Ihre`,accessible:`Rollstuhl`},yourChoice:`Ihre Auswahl`,nothingChosen:`Wählen Sie Plätze im Plan, oder lassen Sie uns die besten nebeneinander finden.`,total:`Summe`,hold:e=>`${e} ${q(e,`Platz`,`Plätze`)} zurücklegen`,clear:`Leeren`,remove:e=>`${e} entfernen`,ticketTypeFor:e=>`Karte für ${e}`,quantityFor:e=>`Anzahl für ${e}`,fewer:e=>`Eins weniger: ${e}`,oneMore:e=>`Eins mehr: ${e}`,limitReached:e=>`Höchstens ${e} ${q(e,`Platz`,`Plätze`)} auf einmal.`,seatGone:(e,t)=>`${e} ist weg: ${t}. Der Platz wurde aus Ihrer Auswahl genommen.`,best:`Die besten Plätze zusammen`,people:`Wie viele`,upTo:`Preis`,anyPrice:`jeder Preis`,priceUpTo:e=>`bis ${e} je Platz`,findBest:`Plätze finden`,wheelchairOnly:`Rollstuhlplätze`,apart:`So viele Plätze nebeneinander gibt es nicht. Auch getrennte Plätze?`,takeApart:`Ja, auch getrennt`,live:`Live`,lost:`Die Verbindung ist unterbrochen und wird neu aufgebaut. Was Sie sehen, kann veraltet sein.`,reconnected:`Wieder verbunden. Der Plan ist aktuell.`,busy:`Einen Moment …`,retry:`Noch einmal`,close:`Schließen`,held:e=>`${e} ${q(e,`Platz ist`,`Plätze sind`)} für Sie zurückgelegt.`,suggestion:e=>`Frei und ganz in der Nähe: ${e}.`,takeSuggestion:`Diese nehmen`,reasons:{held:`jemand kauft ihn gerade; vielleicht kommt er zurück`,sold:`er ist verkauft`,blocked:`er ist nicht im Verkauf`,pending:`jemand wollte ihn im selben Moment`,unknown:`er gehört nicht zu dieser Veranstaltung`},problems:{place_unavailable:`Jemand war schneller.`,place_contended:`Jemand wollte diesen Platz im selben Moment. Versuchen Sie es gleich noch einmal.`,sold_out:`Es ist nicht mehr genug da, was zu Ihrem Wunsch passt.`,all_held:`Alle übrigen Plätze sind gerade von anderen zurückgelegt. In ein paar Minuten können welche zurückkommen.`,not_enough_adjacent:`So viele Plätze nebeneinander gibt es nicht.`,sale_not_open:`Der Verkauf hat noch nicht begonnen.`,sale_closed:`Der Verkauf ist beendet.`,sale_paused:`Der Veranstalter hat den Verkauf angehalten. Ihre Auswahl bleibt; versuchen Sie es gleich noch einmal.`,event_cancelled:`Die Veranstaltung ist abgesagt.`,access_required:`Dieser Verkauf verlangt einen Zugangscode.`,hold_expired:`Ihre Zeit ist abgelaufen, die Plätze sind wieder frei.`,hold_changed:`Ihr Warenkorb wurde in einem anderen Fenster geändert. Sehen Sie ihn noch einmal an.`,already_confirmed:`Das haben Sie schon gekauft.`,not_priced:`Diese Karte wird hier nicht verkauft.`,unauthorized:`Diese Seite darf nicht verkaufen: ihr Schlüssel fehlt oder ist falsch. Bitte sagen Sie es dem Laden.`,forbidden:`Diese Seite darf das nicht. Bitte sagen Sie es dem Laden.`,not_found:`Diese Veranstaltung gibt es nicht, oder sie ist nicht im Verkauf.`,rate_limited:`Das war viel auf einmal. Bitte warten Sie einen Moment.`,overloaded:`Sehr viele Menschen sind hier. Es ist nichts geschehen: bitte noch einmal.`,unavailable:`Die Kasse ist gerade nicht erreichbar. Es ist nichts geschehen: bitte noch einmal.`,network:`Die Verbindung ist gescheitert. Bitte noch einmal: nichts wird doppelt gekauft.`,outcome_unknown:`Die Antwort ging verloren. Noch einmal: Sie bekommen es einmal, nie doppelt.`,validation:`Die Kasse hat diese Seite nicht verstanden. Bitte sagen Sie es dem Laden.`},problemElse:e=>`Das ging nicht: ${e}`,limitExceeded:e=>`Eine Person kann höchstens ${e} ${q(e,`Platz`,`Plätze`)} haben.`,opensAt:e=>`Der Verkauf beginnt am ${e}.`,notOnSale:{draft:`Diese Veranstaltung ist nicht im Verkauf.`,open:``,paused:`Der Verkauf ist angehalten.`,closed:`Der Verkauf ist beendet.`,cancelled:`Die Veranstaltung ist abgesagt.`},shop:{title:`Karten`,events:`Jetzt im Verkauf`,noEvents:`Zurzeit ist nichts im Verkauf.`,from:e=>`ab ${e}`,choose:`Plätze wählen`,allEvents:`Alle Veranstaltungen`,basket:`Ihr Warenkorb`,emptyBasket:`Noch ist nichts für Sie zurückgelegt.`,keptFor:`für Sie zurückgelegt, noch`,keptUntil:e=>`zurückgelegt bis ${e}`,moreTime:`Mehr Zeit`,noMoreTime:`Länger können Plätze nicht zurückgelegt werden.`,giveBack:`Alles zurückgeben`,email:`Ihre E-Mail-Adresse`,emailHint:`Dorthin geht Ihre Bestellung.`,emailMissing:`Bitte geben Sie eine E-Mail-Adresse an, etwa ada@example.org.`,buy:e=>`Für ${e} kaufen`,buyFree:`Bestellen`,demoPayment:`Dies ist ein Testverkauf: es fließt kein Geld.`,payElsewhere:`Der Laden bestätigt Ihre Bestellung nach der Zahlung. Bis dahin bleiben die Plätze zurückgelegt.`,lapsed:`Ihre Zeit ist abgelaufen, und Ihre Plätze gingen an die anderen zurück.`,again:`Dieselben Plätze noch einmal versuchen`,someGone:e=>`Inzwischen an andere vergeben: ${e}.`,order:`Ihre Bestellung`,thanks:`Diese Plätze gehören Ihnen.`,orderNumber:`Bestellung`,ticket:`Platz`,price:`Preis`,another:`Weitere Karten kaufen`,orderElsewhere:`Diese Plätze wurden in einem anderen Fenster dieses Browsers gekauft.`,noKey:`Dieser Server muss wissen, welcher Laden das ist.`,noKeyHow:`Öffnen Sie diese Seite mit einem öffentlichen Schlüssel am Ende der Adresse: ?key=pk_…`,wrongKey:`Der Schlüssel in der Adresse dieser Seite ist nicht gültig.`,places:(e,t)=>`${e} von ${t} Plätzen frei`,startsAt:e=>`Beginn ${e}`,organizers:`Für Veranstalter`,api:`API`,testSale:`Testverkauf`,loading:`Einen Moment …`}},J=(e,t,n)=>e===1?t:n,xt={direction:`ltr`,map:e=>`Seat map of ${e}`,mapHelp:`Arrow keys move from seat to seat. Enter chooses. Plus and minus zoom, 0 shows everything.`,stage:`Stage`,loading:`Fetching the seats…`,zoomIn:`Zoom in`,zoomOut:`Zoom out`,zoomFit:`Show everything`,asMap:`Map`,asList:`List`,showAs:`Show as`,categories:`Prices`,allCategories:`All prices`,left:e=>e===0?`sold out`:`${e} left`,section:`Section`,row:`Row`,seat:`Seat`,area:`Standing`,chooseSection:`Choose a section`,back:`Back to all sections`,more:e=>`Show ${e} more`,seatTitle:(e,t,n)=>`Section ${e}, row ${t}, seat ${n}`,accessible:`Wheelchair place`,companion:`Companion seat`,restricted:`Restricted view`,status:{free:`free`,held:`being bought by somebody`,sold:`sold`,blocked:`not for sale`,taken:`not available`},mine:`kept for you`,chosen:`chosen`,notSold:`not sold here`,key:{free:`Free`,held:`Held`,sold:`Sold`,mine:`Yours`,accessible:`Wheelchair`},yourChoice:`Your choice`,nothingChosen:`Choose seats on the map, or let us find the best ones together.`,total:`Total`,hold:e=>`Keep ${e} ${J(e,`place`,`places`)} for me`,clear:`Clear`,remove:e=>`Remove ${e}`,ticketTypeFor:e=>`Ticket for ${e}`,quantityFor:e=>`Quantity for ${e}`,fewer:e=>`One fewer: ${e}`,oneMore:e=>`One more: ${e}`,limitReached:e=>`No more than ${e} ${J(e,`place`,`places`)} at once.`,seatGone:(e,t)=>`${e} is gone: ${t}. It was taken off your choice.`,best:`Best seats together`,people:`How many`,upTo:`Price`,anyPrice:`any price`,priceUpTo:e=>`up to ${e} each`,findBest:`Find seats`,wheelchairOnly:`Wheelchair places`,apart:`There are not so many side by side. Take seats apart from each other?`,takeApart:`Yes, apart is fine`,live:`Live`,lost:`The connection is lost. We are reconnecting; what you see may be out of date.`,reconnected:`Connected again. The map is up to date.`,busy:`One moment…`,retry:`Try again`,close:`Close`,held:e=>`${e} ${J(e,`place is`,`places are`)} kept for you.`,suggestion:e=>`${e} ${e.includes(`,`)?`are`:`is`} free, close by.`,takeSuggestion:`Take these`,reasons:{held:`somebody is buying it just now; it may come back`,sold:`it is sold`,blocked:`it is not for sale`,pending:`somebody asked for it at the same moment`,unknown:`it is not a place of this event`},problems:{place_unavailable:`Somebody was faster.`,place_contended:`Somebody asked for this place at the same moment. Try again in a second.`,sold_out:`There is not enough left that fits your wish.`,all_held:`All remaining places are held by others just now. Some may come back in a few minutes.`,not_enough_adjacent:`There are not so many seats side by side.`,sale_not_open:`The sale has not begun.`,sale_closed:`The sale is over.`,sale_paused:`The organizer has paused the sale. Your choice is kept; try again in a moment.`,event_cancelled:`This event was cancelled.`,access_required:`This sale is for holders of an access code.`,hold_expired:`Your time ran out, and the places went back.`,hold_changed:`Your basket was changed in another window. Look at it once more.`,already_confirmed:`You have bought this already.`,not_priced:`This ticket is not sold here.`,unauthorized:`This page is not allowed to sell: its key is missing or wrong. Please tell the shop.`,forbidden:`This page is not allowed to do that. Please tell the shop.`,not_found:`There is no such event, or it is not on sale.`,rate_limited:`That was a lot at once. Please wait a moment.`,overloaded:`Very many people are here. Nothing happened: please try again.`,unavailable:`The box office cannot be reached for a moment. Nothing happened: please try again.`,network:`The connection failed. Please try again: nothing is ever bought twice.`,outcome_unknown:`The answer was lost. Try again: you get what you asked for once, never twice.`,validation:`The box office did not understand this page. Please tell the shop.`},problemElse:e=>`That did not work: ${e}`,limitExceeded:e=>`One buyer may have no more than ${e} ${J(e,`place`,`places`)}.`,opensAt:e=>`The sale begins on ${e}.`,notOnSale:{draft:`This event is not on sale.`,open:``,paused:`The sale is paused.`,closed:`The sale is over.`,cancelled:`This event was cancelled.`},shop:{title:`Tickets`,events:`On sale now`,noEvents:`Nothing is on sale at the moment.`,from:e=>`from ${e}`,choose:`Choose seats`,allEvents:`All events`,basket:`Your basket`,emptyBasket:`Nothing is kept for you yet.`,keptFor:`kept for you for`,keptUntil:e=>`kept until ${e}`,moreTime:`More time`,noMoreTime:`This is as long as places can be kept.`,giveBack:`Give everything back`,email:`Your e-mail address`,emailHint:`Your order goes there.`,emailMissing:`Please enter an e-mail address, such as ada@example.org.`,buy:e=>`Buy for ${e}`,buyFree:`Order`,demoPayment:`This is a test sale: no money moves.`,payElsewhere:`The shop confirms your order after payment. Your places are kept until then.`,lapsed:`Your time ran out, and your places went back to the others.`,again:`Try to get the same places again`,someGone:e=>`Meanwhile taken by others: ${e}.`,order:`Your order`,thanks:`These places are yours.`,orderNumber:`Order`,ticket:`Place`,price:`Price`,another:`Buy more tickets`,orderElsewhere:`These places were bought in another window of this browser.`,noKey:`This server needs to know which shop this is.`,noKeyHow:`Open this page with a publishable key at the end of its address: ?key=pk_…`,wrongKey:`The key in this page’s address is not valid.`,places:(e,t)=>`${e} of ${t} places left`,startsAt:e=>`Begins ${e}`,organizers:`For organizers`,api:`API`,testSale:`Test sale`,loading:`One moment…`}},St={en:xt,de:bt,ar:yt};function Ct(...e){for(let t of e){if(!t)continue;let e=t.toLowerCase().split(`-`)[0]??``,n=Object.hasOwn(St,e)?St[e]:void 0;if(n)return{texts:n,language:wt(t)?t:e}}return{texts:xt,language:`en`}}function wt(e){try{return Intl.getCanonicalLocales(e).length>0}catch{return!1}}function Tt(e,t,n){let{body:r}=e;if(r.code===`limit_exceeded`&&r.max!==void 0)return t.limitExceeded(r.max);if(r.code===`sale_not_open`&&r.opens_at)return`${t.problems.sale_not_open} ${t.opensAt(Et(r.opens_at,n))}`;let i=Object.hasOwn(t.problems,r.code)?t.problems[r.code]:void 0,a=Object.entries(r.reasons??{}).slice(0,4),o=i??t.problemElse(r.title);return a.length===0?o:`${o} ${a.map(([e,n])=>`${e}: ${t.reasons[n]??n}.`).join(` `)}`}function Et(e,t){return Dt(e,t,{dateStyle:`full`,timeStyle:`short`})}function Dt(e,t,n){let r=new Date(e);return Number.isNaN(r.getTime())?e:new Intl.DateTimeFormat(t,n).format(r)}var Ot={ATTRIBUTE:1,CHILD:2,PROPERTY:3,BOOLEAN_ATTRIBUTE:4,EVENT:5,ELEMENT:6},kt=e=>(...t)=>({_$litDirective$:e,values:t}),At=class{constructor(e){}get _$AU(){return this._$AM._$AU}_$AT(e,t,n){this._$Ct=e,this._$AM=t,this._$Ci=n}_$AS(e,t){return this.update(e,t)}update(e,t){return this.render(...t)}},{I:jt}=De,Mt=e=>e,Nt=()=>document.createComment(``),Y=(e,t,n)=>{let r=e._$AA.parentNode,i=t===void 0?e._$AB:t._$AA;if(n===void 0)n=new jt(r.insertBefore(Nt(),i),r.insertBefore(Nt(),i),e,e.options);else{let t=n._$AB.nextSibling,a=n._$AM,o=a!==e;if(o){let t;n._$AQ?.(e),n._$AM=e,n._$AP!==void 0&&(t=e._$AU)!==a._$AU&&n._$AP(t)}if(t!==i||o){let e=n._$AA;for(;e!==t;){let t=Mt(e).nextSibling;Mt(r).insertBefore(e,i),e=t}}}return n},X=(e,t,n=e)=>(e._$AI(t,n),e),Pt={},Ft=(e,t=Pt)=>e._$AH=t,It=e=>e._$AH,Lt=e=>{e._$AR(),e._$AA.remove()},Rt=(e,t,n)=>{let r=/* @__PURE__ */ new Map;for(let i=t;i<=n;i++)r.set(e[i],i);return r},zt=kt(class extends At{constructor(e){if(super(e),e.type!==Ot.CHILD)throw Error(`repeat() can only be used in text expressions`)}dt(e,t,n){let r;n===void 0?n=t:t!==void 0&&(r=t);let i=[],a=[],o=0;for(let t of e)i[o]=r?r(t,o):o,a[o]=n(t,o),o++;return{values:a,keys:i}}render(e,t,n){return this.dt(e,t,n).values}update(e,[t,n,r]){let i=It(e),{values:a,keys:o}=this.dt(t,n,r);if(!Array.isArray(i))return this.ut=o,a;let s=this.ut??=[],c=[],l,u,d=0,f=i.length-1,p=0,m=a.length-1;for(;d<=f&&p<=m;)if(i[d]===null)d++;else if(i[f]===null)f--;else if(s[d]===o[p])c[p]=X(i[d],a[p]),d++,p++;else if(s[f]===o[m])c[m]=X(i[f],a[m]),f--,m--;else if(s[d]===o[m])c[m]=X(i[d],a[m]),Y(e,c[m+1],i[d]),d++,m--;else if(s[f]===o[p])c[p]=X(i[f],a[p]),Y(e,i[d],i[f]),f--,p++;else if(l===void 0&&(l=Rt(o,p,m),u=Rt(s,d,f)),l.has(s[d])){if(l.has(s[f])){let t=u.get(o[p]),n=t===void 0?null:i[t];if(n===null){let t=Y(e,i[d]);X(t,a[p]),c[p]=t}else c[p]=X(n,a[p]),Y(e,i[d],n),i[t]=null;p++}else Lt(i[f]),f--}else Lt(i[d]),d++;for(;p<=m;){let t=Y(e,c[m+1]);X(t,a[p]),c[p++]=t}for(;d<=f;){let e=i[d++];e!==null&&Lt(e)}return this.ut=o,Ft(e,c),O}}),Bt=o`
  :host {
    display: block;
    position: relative;
    min-height: 320px;
    height: 100%;
    background: var(--surface);
    overflow: hidden;
    container-type: inline-size;
  }
  .frame {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    grid-template-rows: auto minmax(180px, 1fr) auto;
    height: 100%;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    padding: 8px 12px;
    border-bottom: 1px solid var(--line);
    background: var(--panel);
  }
  .legend {
    display: flex;
    flex: 1 1 300px;
    gap: 6px;
    overflow-x: auto;
    scrollbar-width: thin;
    padding: 3px;
  }
  .legend button {
    min-height: 32px;
    padding: 3px 10px;
    font-size: 13px;
    flex: none;
  }
  .swatch {
    width: 12px;
    height: 12px;
    border-radius: 50%;
    flex: none;
  }
  .group {
    display: inline-flex;
  }
  .group button {
    border-radius: 0;
    min-height: 34px;
    padding: 4px 12px;
    font-size: 14px;
  }
  .group button:first-child {
    border-start-start-radius: 8px;
    border-end-start-radius: 8px;
  }
  .group button:last-child {
    border-start-end-radius: 8px;
    border-end-end-radius: 8px;
    border-inline-start-width: 0;
  }
  .stage {
    position: relative;
    overflow: hidden;
    min-height: 0;
  }
  .plan {
    position: absolute;
    inset: 0;
    touch-action: none;
    user-select: none;
    -webkit-user-select: none;
    outline: none;
  }
  .plan:focus-visible {
    box-shadow: inset 0 0 0 3px var(--accent);
  }
  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .stale canvas.seats {
    opacity: 0.35;
  }
  .zoom {
    position: absolute;
    inset-block-start: 12px;
    inset-inline-end: 12px;
    display: grid;
    gap: 6px;
  }
  .zoom button {
    width: 40px;
    height: 40px;
    padding: 0;
    font-size: 20px;
    box-shadow: var(--shadow);
  }
  .marks {
    position: absolute;
    inset-block-end: 10px;
    inset-inline-start: 10px;
    display: flex;
    gap: 12px;
    padding: 4px 10px;
    border-radius: 8px;
    background: var(--panel);
    border: 1px solid var(--line);
    font-size: 12px;
    color: var(--faint);
    pointer-events: none;
  }
  .marks span {
    display: inline-flex;
    align-items: center;
    gap: 5px;
  }
  .marks i {
    width: 11px;
    height: 11px;
    border-radius: 50%;
    display: inline-block;
    border: 1.5px solid transparent;
  }
  .marks .free {
    background: #0072b2;
  }
  .marks .held {
    background: #8793a3;
  }
  .marks .sold {
    border-color: #8793a3;
  }
  .marks .mine {
    background: var(--accent);
  }
  .marks .square {
    border-radius: 3px;
    background: #0072b2;
  }
  .tip {
    position: absolute;
    max-width: 260px;
    padding: 8px 12px;
    border-radius: 8px;
    background: var(--ink);
    color: var(--panel);
    font-size: 13px;
    line-height: 1.35;
    pointer-events: none;
    box-shadow: var(--shadow);
    z-index: 2;
  }
  .tip b {
    display: block;
    font-size: 14px;
  }
  .notices {
    position: absolute;
    inset-block-start: 10px;
    inset-inline: 10px 64px;
    display: grid;
    gap: 8px;
    justify-items: center;
    pointer-events: none;
    z-index: 3;
  }
  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    max-width: 560px;
    padding: 9px 14px;
    border-radius: 8px;
    background: var(--panel);
    border: 1px solid var(--line);
    border-inline-start: 4px solid var(--accent);
    box-shadow: var(--shadow);
    font-size: 14px;
    pointer-events: auto;
  }
  .notice.bad {
    border-inline-start-color: var(--danger);
  }
  .notice.warn {
    border-inline-start-color: #c77700;
  }
  .notice button {
    min-height: 30px;
    padding: 3px 10px;
    font-size: 13px;
  }
  .whole {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 12px;
    padding: 24px;
    text-align: center;
  }
  .whole .spin {
    width: 28px;
    height: 28px;
    border-radius: 50%;
    border: 3px solid var(--line);
    border-top-color: var(--accent);
    animation: turn 0.9s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .whole .spin {
      animation: none;
    }
  }
  footer {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 10px 18px;
    padding: 10px 12px;
    border-top: 1px solid var(--line);
    background: var(--panel);
    max-height: 46cqh;
    overflow-y: auto;
  }
  .choice {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    flex: 1 1 240px;
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .choice li {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    padding: 3px 4px 3px 10px;
    border: 1px solid var(--line);
    border-radius: 999px;
    font-size: 13px;
    background: var(--surface);
  }
  .choice select {
    min-height: 28px;
    padding: 1px 4px;
    font-size: 13px;
  }
  .choice button {
    min-height: 26px;
    min-width: 26px;
    padding: 0;
    border-radius: 50%;
  }
  .sum {
    font-size: 18px;
    font-weight: 650;
    font-variant-numeric: tabular-nums;
  }
  form.best {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 8px;
  }
  form.best label {
    display: grid;
    font-size: 12px;
    color: var(--faint);
    gap: 2px;
  }
  form.best input[type='number'] {
    width: 64px;
  }
  form.best .check {
    display: inline-flex;
    grid-auto-flow: column;
    align-items: center;
    gap: 5px;
    min-height: 36px;
  }
  .areas {
    display: grid;
    gap: 6px;
    flex-basis: 100%;
  }
  .units {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    font-size: 14px;
  }
  .units .name {
    min-width: 90px;
  }
  .units button {
    min-height: 32px;
    min-width: 32px;
    padding: 0;
  }
  .units output {
    min-width: 2ch;
    text-align: center;
    font-variant-numeric: tabular-nums;
  }
  @container (max-width: 560px) {
    .marks {
      display: none;
    }
    form.best {
      width: 100%;
    }
    .buy {
      width: 100%;
    }
    .buy .primary {
      flex: 1;
    }
  }
  .buy {
    display: flex;
    align-items: center;
    gap: 10px;
  }
`,Vt=o`
  :host {
    display: block;
    height: 100%;
    overflow-y: auto;
    padding: 14px;
    background: var(--surface);
  }
  h2,
  h3 {
    margin: 0 0 8px;
    font-size: 17px;
  }
  h3 {
    font-size: 14px;
    color: var(--faint);
    margin-block: 14px 6px;
  }
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
    display: grid;
    gap: 6px;
    grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
  }
  ul.seats {
    grid-template-columns: repeat(auto-fill, minmax(76px, 1fr));
  }
  li button {
    width: 100%;
    justify-content: space-between;
  }
  .seats button {
    padding: 4px 8px;
    font-variant-numeric: tabular-nums;
  }
  .seats button[disabled] {
    text-decoration: line-through;
  }
  .swatch {
    width: 12px;
    height: 12px;
    border-radius: 50%;
    flex: none;
  }
  .square {
    border-radius: 3px;
  }
`,Ht=60,Ut=300,Wt=class extends P{static{this.styles=[gt,_t,Vt]}static{this.properties={venue:{attribute:!1},occupancy:{attribute:!1},event:{attribute:!1},texts:{attribute:!1},language:{type:String},host:{attribute:!1},version:{type:Number},section:{state:!0},rowsShown:{state:!0},seatsShown:{state:!0}}}constructor(){super(),this.texts=Ct(`en`).texts,this.language=`en`,this.version=0,this.rowsShown=Ht,this.seatsShown=Ut}render(){let{venue:e}=this;return!e||!this.occupancy||!this.event?k:this.section===void 0||!e.sections[this.section]?this.sections(e):this.rows(e,this.section)}sections(e){let{texts:t}=this;return D`<h2 id="title" tabindex="-1">${t.chooseSection}</h2>
      <ul aria-labelledby="title">
        ${e.sections.slice(0,this.rowsShown*4).map((e,n)=>{let r=this.occupancy.freeBySection[n]??0;return D`<li>
            <button @click=${()=>this.open(n)}>
              <span>${t.section} ${e.name}</span><span class="quiet">${t.left(r)}</span>
            </button>
          </li>`})}
      </ul>
      ${this.moreRows(e.sections.length-this.rowsShown*4)}`}rows(e,t){let{texts:n}=this,r=e.sections[t],i=r.rows.slice(0,this.rowsShown);return D`<button @click=${()=>this.open(void 0)}>← ${n.back}</button>
      <h2 id="title" tabindex="-1">${n.section} ${r.name} <span class="quiet">${n.left(this.occupancy.freeBySection[t]??0)}</span></h2>
      ${i.map(t=>{let r=Math.min(t.end,t.first+this.seatsShown),i=Array.from({length:r-t.first},(e,n)=>t.first+n);return D`<h3>${n.row} ${t.label}</h3>
          <ul class="seats" aria-label="${n.row} ${t.label}">
            ${zt(i,e=>e,t=>D`<li>${this.seat(e,t)}</li>`)}
          </ul>
          ${t.end>r?D`<button @click=${()=>this.seatsShown+=Ut}>${n.more(t.end-r)}</button>`:k}`})}
      ${this.moreRows(r.rows.length-this.rowsShown)}`}moreRows(e){return e>0?D`<p><button @click=${()=>this.rowsShown+=Ht}>${this.texts.more(e)}</button></p>`:k}seat(e,t){let{texts:n,host:r}=this,i=e.categories[e.category[t]],a=r?.isMine(t)??!1,o=r?.isChosen(t)??!1,s=this.occupancy.seats[t],c=i?B(this.event,i.key):void 0,l=e.flags[t],u=[W(e,t),i?.name,c===void 0?n.notSold:V(c,this.event.currency,this.language),a?n.mine:o?n.chosen:n.status[R(s)],l&1?n.accessible:``,l&2?n.companion:``,l&4?n.restricted:``].filter(Boolean);return D`<button
      aria-pressed=${o||a?`true`:`false`}
      ?disabled=${s!==0&&!o||a||c===void 0}
      aria-label="${n.seat} ${u.join(`, `)}"
      @click=${()=>r?.toggle(t)}
    >
      <span>${W(e,t)}${l&1?` ♿︎`:``}</span>
      <svg class="swatch" viewBox="0 0 2 2" aria-hidden="true"><circle cx="1" cy="1" r="1" fill=${i?.color??`gray`} /></svg>
    </button>`}open(e){this.section=e,this.rowsShown=Ht,this.seatsShown=Ut,this.updateComplete.then(()=>this.renderRoot.querySelector(`#title`)?.focus())}};customElements.get(`flashtix-seat-list`)||customElements.define(`flashtix-seat-list`,Wt);var Gt=512,Kt=class{constructor(e){this.venue=e;let{box:t}=e,n=Math.max(t.right-t.left,t.bottom-t.top,e.pitch);this.cell=Math.max(e.pitch*2,n/Gt),this.left=t.left,this.top=t.top,this.columns=Math.max(1,Math.ceil((t.right-t.left)/this.cell)+1),this.rows=Math.max(1,Math.ceil((t.bottom-t.top)/this.cell)+1),this.starts=new Uint32Array(this.columns*this.rows+1),this.order=new Uint32Array(e.size);let r=new Uint32Array(e.size);for(let t=0;t<e.size;t++){let n=this.row(e.y[t])*this.columns+this.column(e.x[t]);r[t]=n,this.starts[n+1]+=1}for(let e=0;e<this.columns*this.rows;e++)this.starts[e+1]+=this.starts[e];let i=this.starts.slice();for(let t=0;t<e.size;t++)this.order[i[r[t]]++]=t}nearest(e,t,n){let r,i=n*n;return this.within(e-n,t-n,e+n,t+n,n=>{let a=(this.venue.x[n]-e)**2+(this.venue.y[n]-t)**2;a<=i&&(i=a,r=n)}),r}within(e,t,n,r,i){let{x:a,y:o}=this.venue;for(let s=this.row(t);s<=this.row(r);s++){let c=this.starts[s*this.columns+this.column(e)],l=this.starts[s*this.columns+this.column(n)+1];for(let s=c;s<l;s++){let c=this.order[s];a[c]>=e&&a[c]<=n&&o[c]>=t&&o[c]<=r&&i(c)}}}column(e){return Math.max(0,Math.min(this.columns-1,Math.floor((e-this.left)/this.cell)))}row(e){return Math.max(0,Math.min(this.rows-1,Math.floor((e-this.top)/this.cell)))}},qt={isDark:!1,surface:`#f6f7f9`,block:`#ffffff`,blockEdge:`#d5dae1`,ink:`#18202b`,faint:`#5a6675`,gone:`#e3e7ec`,goneEdge:`#bcc4ce`,held:`#aab4c0`,accent:`#1b1f8a`,onAccent:`#ffffff`},Jt={isDark:!0,surface:`#11151c`,block:`#1a212b`,blockEdge:`#323d4b`,ink:`#eef2f7`,faint:`#a3b0c0`,gone:`#242d39`,goneEdge:`#3f4c5c`,held:`#5b6a7c`,accent:`#aeb6ff`,onAccent:`#11151c`};function Z(e){let t=Number.parseInt(e.slice(1),16);return[t>>16&255,t>>8&255,t&255]}function Q(e,t,n){let[r,i]=[Z(e),Z(t)],a=e=>Math.round(r[e]+(i[e]-r[e])*n).toString(16).padStart(2,`0`);return`#${a(0)}${a(1)}${a(2)}`}function Yt(e){return Xt(e)>.179?`#000000`:`#ffffff`}function Xt(e){let[t,n,r]=Z(e).map(e=>{let t=e/255;return t<=.04045?t/12.92:((t+.055)/1.055)**2.4});return .2126*t+.7152*n+.0722*r}var Zt=14,Qt=7,$t=class{constructor(e,t,n){this.diameter=e,this.colors=t,this.theme=n,this.made=/* @__PURE__ */ new Map,this.canvas=document.createElement(`canvas`)}get hasPhases(){return this.diameter<=Zt}get(e,t,n){let r=((((((e.category*8+e.status)*2+ +!!e.isChosen)*2+ +!!e.isMine)*2+ +!!e.isFaded)*2+(e.flags&1))*4+t)*4+n,i=this.made.get(r);return i||(i=this.draw(e,t/4,n/4),this.made.set(r,i)),i}draw(e,t,n){let{diameter:r,canvas:i,theme:a}=this,o=Math.ceil(r)+2;i.width=o,i.height=o;let s=i.getContext(`2d`,{willReadFrequently:!0}),c={x:o/2+t,y:o/2+n},l=r/2,u=this.colors[e.category]??`#0072B2`,d=r>=Qt,f=e.isFaded&&!e.isMine&&!e.isChosen?Q(u,a.surface,.72):u,p=a.held;e.isMine||e.isChosen?p=a.accent:e.status===0?p=f:(e.status===2||e.status===3)&&(p=d?a.goneEdge:a.gone),s.fillStyle=p,this.shape(s,e,c,l),s.fill(),d&&this.mark(s,e,c,l,p);let m=s.getImageData(0,0,o,o);return{size:o,pixels:new Uint32Array(m.data.buffer.slice(0))}}shape(e,t,{x:n,y:r},i){e.beginPath(),t.flags&1?e.roundRect(n-i,r-i,2*i,2*i,i*.3):e.arc(n,r,i,0,2*Math.PI)}mark(e,t,n,r,i){let{theme:a}=this,{x:o,y:s}=n;e.globalCompositeOperation=`source-atop`,e.lineWidth=Math.max(1,r*.24),e.lineCap=`round`,e.lineJoin=`round`,t.isMine||t.isChosen?(e.strokeStyle=a.onAccent,e.beginPath(),e.moveTo(o-r*.42,s+r*.04),e.lineTo(o-r*.1,s+r*.38),e.lineTo(o+r*.46,s-r*.34),e.stroke()):t.status===2?(e.fillStyle=a.gone,this.shape(e,t,n,r-Math.max(1,r*.14)),e.fill()):t.status===3?(e.fillStyle=a.gone,this.shape(e,t,n,r-Math.max(1,r*.14)),e.fill(),e.strokeStyle=a.goneEdge,e.beginPath(),e.moveTo(o-r*.45,s-r*.45),e.lineTo(o+r*.45,s+r*.45),e.moveTo(o+r*.45,s-r*.45),e.lineTo(o-r*.45,s+r*.45),e.stroke()):t.status===0?t.flags&1&&r>=5&&(e.fillStyle=Yt(i),e.font=`${Math.round(r*1.5)}px system-ui, sans-serif`,e.textAlign=`center`,e.textBaseline=`middle`,e.fillText(`♿︎`,o,s+r*.08)):(e.strokeStyle=a.surface,e.beginPath(),e.moveTo(o,s-r*.5),e.lineTo(o,s),e.lineTo(o+r*.36,s+r*.2),e.stroke()),e.globalCompositeOperation=`source-over`}},en=2.6,tn=.8,nn=class e{constructor(e,t){this.canvas=e,this.venue=t,this.words=/* @__PURE__ */ new Uint32Array,this.look={status:0,category:0,flags:0,isChosen:!1,isMine:!1,isFaded:!1},this.isEmpty=!0,this.context=e.getContext(`2d`)}setVenue(e){this.venue=e,this.sprites=void 0}forget(){this.sprites=void 0}static isShown(e,t){return e.scale*t.pitch>=en}drawAll(t,n,r,i){let{width:a,height:o}=this.canvas;if(!e.isShown(t,this.venue)){this.isEmpty||this.context.clearRect(0,0,a,o),this.isEmpty=!0;return}this.isEmpty=!1,!this.image||this.image.width!==a||this.image.height!==o?(this.image=new ImageData(a,o),this.words=new Uint32Array(this.image.data.buffer)):this.words.fill(0),this.fitSprites(t,n,r);let{x:s,y:c,size:l}=this.venue,u=t.seen(),d=this.venue.pitch;for(let e=0;e<l;e++){let r=s[e],a=c[e];r<u.left-d||r>u.right+d||a<u.top-d||a>u.bottom+d||this.copy(e,t,n,i)}this.context.putImageData(this.image,0,0)}drawSome(e,t,n,r,i){if(this.isEmpty||!this.image)return;this.fitSprites(t,n,r);let a={left:1/0,top:1/0,right:-1/0,bottom:-1/0};for(let r of e){let e=this.copy(r,t,n,i);e&&(a.left=Math.min(a.left,e.x),a.top=Math.min(a.top,e.y),a.right=Math.max(a.right,e.x+e.size),a.bottom=Math.max(a.bottom,e.y+e.size))}if(a.right<=a.left)return;let o=Math.max(0,a.left),s=Math.max(0,a.top);this.context.putImageData(this.image,0,0,o,s,a.right-o,a.bottom-s)}fitSprites(e,t,n){let r=Math.max(2,Math.round(e.scale*this.venue.pitch*tn*t*4)/4);this.sprites?.diameter!==r&&(this.sprites=new $t(r,this.venue.categories.map(e=>e.color),n))}copy(e,t,n,r){let i=this.sprites,a=t.scale*n,o=(this.venue.x[e]-t.x)*a+t.width*n/2,s=(this.venue.y[e]-t.y)*a+t.height*n/2,c=(Math.ceil(i.diameter)+2)/2,l=Math.floor(o-c),u=Math.floor(s-c),d=0,f=0;i.hasPhases?(d=Math.floor((o-c-l)*4),f=Math.floor((s-c-u)*4)):(l=Math.round(o-c),u=Math.round(s-c));let{width:p,height:m}=this.canvas,h=this.look;r(e,h);let{size:g,pixels:ee}=i.get(h,d,f);if(l+g<=0||u+g<=0||l>=p||u>=m)return;let te=this.words,_=Math.max(0,-l),v=Math.min(g,p-l),ne=Math.min(g,m-u);for(let e=Math.max(0,-u);e<ne;e++){let t=e*g+_,n=(u+e)*p+l+_;for(let e=_;e<v;e++,t++,n++){let e=ee[t];e>>>24&&e>>>24>=te[n]>>>24&&(te[n]=e)}}return{x:l,y:u,size:g}}},rn=11,an=15;function on(e,t){let{viewport:n,theme:r,venue:i}=t;e.fillStyle=r.surface,e.fillRect(0,0,n.width,n.height),gn(e,t);for(let n of i.areas)hn(e,t,n);let a=nn.isShown(n,i);for(let[n,o]of i.sections.entries())cn(o,t)&&(a?un(e,t,o,r.block,r.blockEdge):dn(e,t,o,n))}function sn(e,t){let{viewport:n,venue:r}=t,i=n.scale*r.pitch;i>=an&&pn(e,t),i<rn&&fn(e,t)}function cn(e,{viewport:t}){let n=t.seen(),{box:r}=e;return r.right>=n.left&&r.left<=n.right&&r.bottom>=n.top&&r.top<=n.bottom}function ln(e,t,n){e.beginPath();for(let[r,[i,a]]of t.entries()){let t=n.toPixels(i,a);r===0?e.moveTo(t.x,t.y):e.lineTo(t.x,t.y)}e.closePath()}function un(e,{venue:t,viewport:n},r,i,a){ln(e,r.border,n),e.lineJoin=`round`,e.lineWidth=t.pitch*n.scale*1.15+2,e.strokeStyle=a,e.stroke(),e.lineWidth-=2,e.strokeStyle=i,e.stroke(),e.fillStyle=i,e.fill()}function dn(e,t,n,r){let{venue:i,theme:a,occupancy:o}=t,s=n.end-n.first,c=i.category[n.first]??0,l=i.categories[c]?.color??a.held,u=o.freeBySection[r]??0,d=s>0?u/s:0,f=u>0&&t.isWanted(c);un(e,t,n,f?Q(Q(l,a.gone,.7),l,d):a.gone,f?Q(l,a.ink,.25):a.goneEdge)}function fn(e,t){let{venue:n,viewport:r,theme:i,occupancy:a}=t;e.textAlign=`center`,e.textBaseline=`middle`,e.lineJoin=`round`;let o=[],s=[...n.sections.entries()].sort(([,e],[,t])=>t.end-t.first-(e.end-e.first));for(let[n,c]of s){if(!cn(c,t))continue;let s=Math.max(c.box.right-c.box.left,c.box.bottom-c.box.top)*r.scale;if(s<22)continue;let l=r.toPixels(c.middle.x,c.middle.y);e.font=`600 12px system-ui, sans-serif`;let u=e.measureText(c.name).width+8;if(o.some(e=>Math.abs(e.x-l.x)<(e.w+u)/2&&Math.abs(e.y-l.y)<15))continue;o.push({x:l.x,y:l.y,w:u});let d=a.freeBySection[n]??0,f=s>70;mn(e,c.name,l.x,l.y-(f?7:0),d>0?i.ink:i.faint,i),f&&(e.font=`11px system-ui, sans-serif`,mn(e,t.left(d),l.x,l.y+8,d>0?i.ink:i.faint,i))}}function pn(e,t){let{venue:n,viewport:r,theme:i}=t;e.font=`11px system-ui, sans-serif`,e.textAlign=`center`,e.textBaseline=`middle`;for(let a of n.sections)if(cn(a,t)){for(let t of a.rows)if(!(t.end-t.first<2))for(let[a,o]of[[t.first,t.first+1],[t.end-1,t.end-2]]){let s=2*n.x[a]-n.x[o],c=2*n.y[a]-n.y[o],l=r.toPixels(s,c);l.x<-20||l.y<-20||l.x>r.width+20||l.y>r.height+20||mn(e,t.label,l.x,l.y,i.faint,i)}}}function mn(e,t,n,r,i,a){e.lineWidth=3.5,e.lineJoin=`round`,e.strokeStyle=a.block,e.strokeText(t,n,r),e.fillStyle=i,e.fillText(t,n,r)}function hn(e,t,n){let{venue:r,viewport:i,theme:a,occupancy:o}=t,s=o.area(n.name),c=r.categories[n.category]?.color??a.held,l=n.capacity>0?s.free/n.capacity:0,u=s.free>0&&t.isWanted(n.category),d=u?Q(Q(c,a.block,.82),Q(c,a.block,.25),l):a.gone;ln(e,n.border,i),e.fillStyle=d,e.fill(),e.lineWidth=1.5,e.strokeStyle=u?c:a.goneEdge,e.stroke();let f=(n.box.right-n.box.left)*i.scale;if(f<40)return;let p=i.toPixels(n.middle.x,n.middle.y),m=Yt(d);e.textAlign=`center`,e.textBaseline=`middle`,e.fillStyle=m,e.font=`600 14px system-ui, sans-serif`,e.fillText(n.name.slice(0,Math.max(4,Math.floor(f/8))),p.x,p.y-8),e.font=`12px system-ui, sans-serif`,e.fillText(t.left(s.free),p.x,p.y+9)}function gn(e,{venue:t,viewport:n,theme:r,stage:i}){let{focal:a}=t;if(!a||t.areas.some(({box:e})=>a.x>=e.left&&a.x<=e.right&&a.y>e.top&&a.y<=e.bottom))return;let o=n.toPixels(a.x,a.y),s=Math.max(70,t.pitch*16*n.scale),c=Math.max(22,t.pitch*3.5*n.scale);e.beginPath(),e.roundRect(o.x-s/2,o.y-c,s,c,Math.min(10,c/3)),e.fillStyle=r.isDark?`#39465a`:`#2b3544`,e.fill(),e.fillStyle=`#ffffff`,e.font=`600 ${Math.min(18,Math.max(11,c*.4))}px system-ui, sans-serif`,e.textAlign=`center`,e.textBaseline=`middle`,e.fillText(i,o.x,o.y-c/2)}var _n=6,vn=280,yn=class{constructor(e,t,n){this.element=e,this.viewport=t,this.handlers=n,this.pointers=/* @__PURE__ */ new Map,this.isDragging=!1,this.wasPinching=!1,this.lastTap={at:0,x:0,y:0},this.stopper=new AbortController,this.down=e=>{if(e.button!==0)return;let t=this.place(e);this.pointers.set(e.pointerId,t);try{this.element.setPointerCapture(e.pointerId)}catch{}this.pointers.size===1?(this.start=t,this.isDragging=!1,this.wasPinching=!1):this.wasPinching=!0},this.move=e=>{let t=this.place(e),n=this.pointers.get(e.pointerId);n?(this.pointers.size===1?this.drag(n,t):this.pointers.size===2&&this.pinch(e.pointerId,n,t),this.pointers.set(e.pointerId,t)):e.pointerType!==`touch`&&this.handlers.hovered(t.x,t.y)},this.up=e=>{let t=this.place(e),n=this.pointers.delete(e.pointerId),{start:r}=this;if(!n||this.pointers.size>0||!r||this.wasPinching)return;if(this.start=void 0,this.isDragging){this.handlers.isPainting()&&this.handlers.framed(bn(r,t),!0);return}let i=e.timeStamp-this.lastTap.at<vn&&Math.hypot(t.x-this.lastTap.x,t.y-this.lastTap.y)<30;this.lastTap={at:i?0:e.timeStamp,...t},this.handlers.tapped(t.x,t.y,i?`double`:e.pointerType)},this.cancel=e=>{this.pointers.delete(e.pointerId),this.start=void 0},this.wheel=e=>{e.preventDefault();let t=this.place(e),n=e.deltaMode===1?16:e.deltaMode===2?400:1,r=Math.max(-200,Math.min(200,e.deltaY*n));this.viewport.zoomAt(t.x,t.y,Math.exp(-r*(e.ctrlKey?.01:.0022))),this.handlers.moved()};let r={signal:this.stopper.signal};e.addEventListener(`pointerdown`,this.down,r),e.addEventListener(`pointermove`,this.move,r),e.addEventListener(`pointerup`,this.up,r),e.addEventListener(`pointercancel`,this.cancel,r),e.addEventListener(`pointerleave`,()=>this.handlers.left(),r),e.addEventListener(`wheel`,this.wheel,{...r,passive:!1})}stop(){this.stopper.abort()}place(e){let t=this.element.getBoundingClientRect();return{x:e.clientX-t.left,y:e.clientY-t.top}}drag(e,t){let{start:n}=this;if(!n||this.wasPinching||!this.isDragging&&Math.hypot(t.x-n.x,t.y-n.y)<_n)return;let r=!this.isDragging;if(this.isDragging=!0,this.handlers.isPainting()){this.handlers.framed(bn(n,t),!1);return}let i=r?n:e;this.viewport.panBy(t.x-i.x,t.y-i.y),this.handlers.moved()}pinch(e,t,n){let r=[...this.pointers].find(([t])=>t!==e)?.[1];if(!r)return;let[i,a]=[Math.hypot(n.x-r.x,n.y-r.y),Math.hypot(t.x-r.x,t.y-r.y)];this.viewport.panBy((n.x-t.x)/2,(n.y-t.y)/2),a>1&&this.viewport.zoomAt((n.x+r.x)/2,(n.y+r.y)/2,i/a),this.handlers.moved()}};function bn(e,t){return{left:Math.min(e.x,t.x),top:Math.min(e.y,t.y),right:Math.max(e.x,t.x),bottom:Math.max(e.y,t.y)}}var xn=64,Sn=class{constructor(){this.scale=1,this.x=0,this.y=0,this.width=1,this.height=1,this.inset={top:0,right:0,bottom:0,left:0},this.box={left:0,top:0,right:1,bottom:1},this.pitch=1,this.isFitted=!0}show(e,t){this.box=e,this.pitch=t,this.fit()}resize(e,t){this.width=Math.max(1,e),this.height=Math.max(1,t),this.isFitted?this.fit():this.clamp()}get scaleMin(){let e=Math.max(40,this.width-this.inset.left-this.inset.right-48),t=Math.max(40,this.height-this.inset.top-this.inset.bottom-48);return Math.min(e/(this.box.right-this.box.left+this.pitch),t/(this.box.bottom-this.box.top+this.pitch))}get scaleMax(){return Math.max(xn/this.pitch,this.scaleMin)}get isWhole(){return this.isFitted}fit(){this.scale=Math.min(this.scaleMin,this.scaleMax),this.center((this.box.left+this.box.right)/2,(this.box.top+this.box.bottom)/2),this.isFitted=!0}center(e,t){this.x=e-(this.inset.left-this.inset.right)/2/this.scale,this.y=t-(this.inset.top-this.inset.bottom)/2/this.scale,this.clamp()}fitTo(e,t){let n=Math.max(40,this.width-this.inset.left-this.inset.right),r=Math.max(40,this.height-this.inset.top-this.inset.bottom),i=Math.min(n/(e.right-e.left+2*t),r/(e.bottom-e.top+2*t));this.isFitted=!1,this.scale=Math.max(this.scaleMin,Math.min(i,this.scaleMax*.6)),this.center((e.left+e.right)/2,(e.top+e.bottom)/2)}panBy(e,t){this.isFitted=!1,this.x-=e/this.scale,this.y-=t/this.scale,this.clamp()}zoomAt(e,t,n){let r=this.toChart(e,t),i=Math.max(this.scaleMin,Math.min(this.scaleMax,this.scale*n));if(i<=this.scaleMin*1.001&&n<1)return this.fit();this.isFitted=!1,this.scale=i,this.x=r.x-(e-this.width/2)/this.scale,this.y=r.y-(t-this.height/2)/this.scale,this.clamp()}toChart(e,t){return{x:this.x+(e-this.width/2)/this.scale,y:this.y+(t-this.height/2)/this.scale}}toPixels(e,t){return{x:(e-this.x)*this.scale+this.width/2,y:(t-this.y)*this.scale+this.height/2}}seen(){let e=this.toChart(0,0),t=this.toChart(this.width,this.height);return{left:e.x,top:e.y,right:t.x,bottom:t.y}}clamp(){this.x=Math.max(this.box.left,Math.min(this.box.right,Number.isFinite(this.x)?this.x:0)),this.y=Math.max(this.box.top,Math.min(this.box.bottom,Number.isFinite(this.y)?this.y:0))}},Cn=14,wn=24,$=8,Tn=5,En=2,Dn=250,On=class{constructor(e,t,n,r,i,a){this.host=e,this.layers=t,this.venue=n,this.occupancy=r,this.theme=i,this.handlers=a,this.viewport=new Sn,this.ratio=1,this.requested=0,this.isMoved=!0,this.isOverDirty=!0,this.isSlowDirty=!1,this.slowAt=0,this.again=/* @__PURE__ */ new Set,this.drawMs=[],this.looks=(e,t)=>{let n=this.venue.category[e];t.status=this.occupancy.seats[e],t.category=n,t.flags=this.venue.flags[e],t.isChosen=this.handlers.isChosen(e),t.isMine=this.handlers.isMine(e),t.isFaded=!this.handlers.isWanted(n)},this.grid=new Kt(n),this.seats=new nn(t.seats,n),this.gestures=new yn(t.over,this.viewport,{moved:()=>this.moved(),tapped:(e,t,n)=>this.tapped(e,t,n),hovered:(e,t)=>this.hover(e,t),left:()=>this.setHovered(void 0,0,0),framed:(e,t)=>this.framed(e,t),isPainting:()=>this.handlers.isPainting()}),this.observer=new ResizeObserver(()=>this.resize()),this.observer.observe(e),this.viewport.show(n.box,n.pitch),this.resize()}stop(){this.observer.disconnect(),this.gestures.stop(),cancelAnimationFrame(this.requested)}setTheme(e){this.theme=e,this.seats.forget(),this.moved()}setVenue(e,t){this.venue=e,this.occupancy=t,this.grid=new Kt(e),this.seats.setVenue(e),this.focused=void 0,this.hovered=void 0,this.viewport.show(e.box,e.pitch),this.moved()}changed(){this.isSlowDirty=!0,this.request()}restyle(e){if(e)for(let t of e)this.again.add(t);else this.isMoved=!0;this.isOverDirty=!0,this.request()}moved(){this.isMoved=!0,this.request()}zoomBy(e){let{width:t,height:n}=this.viewport;this.viewport.zoomAt(t/2,n/2,e),this.moved()}fit(){this.viewport.fit(),this.moved()}zoomToSection(e){let t=this.venue.sections[e];t&&(this.viewport.fitTo(t.box,this.venue.pitch*3),this.moved())}reveal(e){if(e[0]===void 0)return;let t={left:1/0,top:1/0,right:-1/0,bottom:-1/0};for(let n of e)t.left=Math.min(t.left,this.venue.x[n]),t.right=Math.max(t.right,this.venue.x[n]),t.top=Math.min(t.top,this.venue.y[n]),t.bottom=Math.max(t.bottom,this.venue.y[n]);this.viewport.fitTo(t,this.venue.pitch*14),this.moved()}focus(e){if(this.focused=e,this.isOverDirty=!0,e!==void 0){let{viewport:t,venue:n}=this,r=t.scale*n.pitch;r<$*1.5&&t.zoomAt(t.width/2,t.height/2,$*2.2/r);let i=t.toPixels(n.x[e],n.y[e]);i.x>t.inset.left+60&&i.y>t.inset.top+60&&i.x<t.width-t.inset.right-60&&i.y<t.height-t.inset.bottom-60||t.center(n.x[e],n.y[e]),this.isMoved=!0}this.request()}central(){let{x:e,y:t}=this.viewport.toChart(this.viewport.width/2,this.viewport.height/2),n=Math.max(this.venue.box.right-this.venue.box.left,this.venue.box.bottom-this.venue.box.top),r,i=1/0;for(let n=0;n<this.venue.size;n++){if(this.occupancy.seats[n]!==0)continue;let a=(this.venue.x[n]-e)**2+(this.venue.y[n]-t)**2;a<i&&(i=a,r=n)}return r??this.grid.nearest(e,t,n)}resize(){let e=this.host.clientWidth,t=this.host.clientHeight;if(e!==0&&t!==0){this.ratio=Math.min(En,globalThis.devicePixelRatio||1);for(let n of Object.values(this.layers))n.width=Math.round(e*this.ratio),n.height=Math.round(t*this.ratio);this.viewport.resize(e,t),this.moved(),this.draw(performance.now())}}request(){this.requested===0&&(this.requested=requestAnimationFrame(e=>this.draw(e)))}draw(e){cancelAnimationFrame(this.requested),this.requested=0;let t=performance.now(),{viewport:n,ratio:r,theme:i}=this,a=this.scene(),o=this.isSlowDirty&&e-this.slowAt>=Dn;if(this.isMoved||o){let e=this.layers.base.getContext(`2d`,{alpha:!1});e.setTransform(r,0,0,r,0,0),on(e,a)}let s=this.occupancy.drain();if(this.isMoved||!s)this.seats.drawAll(n,r,i,this.looks);else{for(let e of this.again)s.add(e);s.size>0&&this.seats.drawSome(s,n,r,i,this.looks)}this.again.clear(),(this.isMoved||o||this.isOverDirty)&&this.drawOver(a),(o||this.isMoved)&&(this.slowAt=e,this.isSlowDirty=!1),this.isMoved=!1,this.isOverDirty=!1,this.isSlowDirty&&setTimeout(()=>this.request(),Dn),this.drawMs.push(performance.now()-t),this.drawMs.length>2e3&&this.drawMs.splice(0,1e3)}scene(){let{venue:e,occupancy:t,theme:n,viewport:r,handlers:i}=this;return{venue:e,occupancy:t,theme:n,viewport:r,left:e=>i.left(e),stage:i.stage(),isWanted:e=>i.isWanted(e)}}drawOver(e){let t=this.layers.over.getContext(`2d`),{viewport:n,venue:r,theme:i,ratio:a}=this;t.setTransform(a,0,0,a,0,0),t.clearRect(0,0,n.width,n.height);let o=n.scale*r.pitch;if(o>=wn&&this.drawNumbers(t,o),sn(t,e),this.hovered!==void 0&&this.hovered!==this.focused&&this.ring(t,this.hovered,i.ink,1.5),this.focused!==void 0&&(this.ring(t,this.focused,i.block,6),this.ring(t,this.focused,i.ink,3)),this.frame){let{left:e,top:n,right:r,bottom:a}=this.frame;t.strokeStyle=i.accent,t.lineWidth=2,t.setLineDash([6,4]),t.strokeRect(e,n,r-e,a-n),t.setLineDash([]),t.globalAlpha=.12,t.fillStyle=i.accent,t.fillRect(e,n,r-e,a-n),t.globalAlpha=1}}ring(e,t,n,r){let{viewport:i,venue:a}=this,o=i.toPixels(a.x[t],a.y[t]);e.beginPath(),e.arc(o.x,o.y,Math.max(6,i.scale*a.pitch*.5+1),0,2*Math.PI),e.strokeStyle=n,e.lineWidth=r,e.stroke()}drawNumbers(e,t){let{viewport:n,venue:r,occupancy:i}=this,a=n.seen();e.font=`600 ${Math.min(14,Math.round(t*.32))}px system-ui, sans-serif`,e.textAlign=`center`,e.textBaseline=`middle`,this.grid.within(a.left,a.top,a.right,a.bottom,t=>{if(i.seats[t]!==0||r.flags[t]&1||this.handlers.isChosen(t)||this.handlers.isMine(t))return;let a=r.category[t];if(!this.handlers.isWanted(a))return;let o=n.toPixels(r.x[t],r.y[t]);e.fillStyle=Yt(r.categories[a]?.color??`#0072B2`),e.fillText(W(r,t).slice(0,4),o.x,o.y+.5)})}seatAt(e,t){let{viewport:n,venue:r}=this,i=n.toChart(e,t),a=Math.min(Cn/n.scale,r.pitch*1.2);return this.grid.nearest(i.x,i.y,Math.max(a,r.pitch*.5))}areaAt(e,t){let{x:n,y:r}=this.viewport.toChart(e,t);return this.venue.areas.find(e=>nt(e.border,n,r))?.name}tapped(e,t,n){let{viewport:r,venue:i}=this,a=r.scale*i.pitch>=(n===`touch`?$*1.8:$),o=this.seatAt(e,t);if(o!==void 0&&a)return this.handlers.picked(o);let s=o===void 0?this.areaAt(e,t):void 0;if(s!==void 0)return this.handlers.areaPicked(s);let c=r.toChart(e,t),l=o===void 0?i.sections.findIndex(e=>nt(e.border,c.x,c.y)):i.section[o];if(l>=0&&!a)return this.comeCloser(l,e,t);n===`double`&&(r.zoomAt(e,t,2),this.moved())}comeCloser(e,t,n){let{viewport:r,venue:i}=this,a=r.toChart(t,n);this.zoomToSection(e);let o=r.scale*i.pitch;o<16&&(r.zoomAt(r.width/2,r.height/2,16/o),r.center(a.x,a.y),this.moved())}hover(e,t){let n=this.viewport.scale*this.venue.pitch>=Tn;this.setHovered(n?this.seatAt(e,t):void 0,e,t);let r=this.hovered!==void 0||this.areaAt(e,t)!==void 0;this.layers.over.style.cursor=this.handlers.isPainting()?`crosshair`:r?`pointer`:`grab`}setHovered(e,t,n){e!==this.hovered&&(this.hovered=e,this.isOverDirty=!0,this.request()),this.handlers.hovered(e,t,n)}framed(e,t){if(this.frame=t?void 0:e,this.isOverDirty=!0,this.request(),!t)return;let n=this.viewport.toChart(e.left,e.top),r=this.viewport.toChart(e.right,e.bottom),i=[];this.grid.within(n.x,n.y,r.x,r.y,e=>i.push(e)),i.length>0&&this.handlers.painted(i.sort((e,t)=>e-t))}},kn=8e6,An=class{constructor(){this.rest=``,this.event=``,this.data=[],this.size=0,this.id=``}push(e){let t=[];this.rest+=e;let n=0;for(;;){let e=this.rest.indexOf(`
`,n);if(e<0)break;let r=this.rest.slice(n,this.rest[e-1]===`\r`&&e>n?e-1:e);n=e+1,r===``?(this.data.length>0&&t.push({event:this.event||`message`,data:this.data.join(`
`),id:this.id}),this.event=``,this.data=[],this.size=0):this.field(r)}if(this.rest=this.rest.slice(n),this.rest.length+this.size>kn)throw Error(`a frame of the feed is too large`);return t}field(e){if(e.startsWith(`:`))return;let t=e.indexOf(`:`),n=t<0?e:e.slice(0,t),r=t<0?``:e.slice(t+1);r.startsWith(` `)&&(r=r.slice(1)),n===`event`?this.event=r:n===`id`&&!r.includes(`\0`)?this.id=r:n===`data`&&(this.data.push(r),this.size+=r.length)}},jn=35e3,Mn=[300,700,1500,3e3,5e3],Nn=class{constructor(e,t,n,r=jn){this.client=e,this.eventId=t,this.handlers=n,this.silenceMs=r,this.stopper=new AbortController,this.lastId=``}start(){this.run()}stop(){this.stopper.abort()}async run(){let{signal:e}=this.stopper;this.handlers.connection(`connecting`);for(let t=0;!e.aborted;){let n;try{await this.follow(()=>{t=0})}catch(t){if(e.aborted)return;n=I(t)}if(e.aborted)return;if(n&&Fn(n)){this.handlers.connection(`failed`,n);return}this.handlers.connection(`lost`,n);let r=Mn[Math.min(t,Mn.length-1)]??5e3;t+=1;try{await Re(r*(.7+.6*Math.random()),e)}catch{return}}}async follow(e){let t=new AbortController,n=()=>t.abort();this.stopper.signal.addEventListener(`abort`,n,{once:!0});let r=setTimeout(n,this.silenceMs);try{let i={...this.client.headers,accept:`text/event-stream`};this.lastId!==``&&(i[`last-event-id`]=this.lastId);let a=await fetch(this.client.url(`/v1/events/${encodeURIComponent(this.eventId)}/feed`),{headers:i,signal:t.signal,credentials:`omit`,cache:`no-store`});if(!a.ok)throw Le(a.status,await a.text());if(!a.body)throw Error(`the feed has no body`);let o=new An,s=a.body.pipeThrough(new TextDecoderStream).getReader();for(;;){let{done:t,value:i}=await s.read();if(t)return;clearTimeout(r),r=setTimeout(n,this.silenceMs);for(let t of o.push(i)){if(!this.take(t))throw this.lastId=``,this.seq=void 0,Error(`the feed does not fit together`);e()}this.seq!==void 0&&this.handlers.connection(`live`)}}finally{clearTimeout(r),this.stopper.signal.removeEventListener(`abort`,n),t.abort()}}take(e){if(![`snapshot`,`commit`,`event`].includes(e.event))return!0;let t;try{t=JSON.parse(e.data)}catch{return!1}if(typeof t!=`object`||!t)return!1;if(e.event===`snapshot`){let e=t;if(!Pn(e.seq)||typeof e.seats!=`string`)return!1;this.seq=e.seq,this.handlers.snapshot(e)}else if(e.event===`commit`){let e=t;if(this.seq===void 0||!Pn(e.from)||!Pn(e.seq))return!1;if(e.seq<=this.seq)return!0;if(e.from!==this.seq+1||!this.handlers.commit(e))return!1;this.seq=e.seq}else this.handlers.event(t);return this.lastId=e.id,!0}};function Pn(e){return typeof e==`number`&&Number.isSafeInteger(e)&&e>=0}function Fn(e){return[400,401,403,404].includes(e.status)}var In=500,Ln=`chart_too_large`,Rn=class{constructor(e,t,n){this.client=e,this.eventId=t,this.handlers=n,this.connection=`connecting`,this.stopper=new AbortController,this.meanwhile=[]}async start(){await this.load(),this.stopper.signal.aborted||(this.feed=new Nn(this.client,this.eventId,{snapshot:e=>{this.loading?this.meanwhile=[e]:e.chart_id!==(this.event?.chart_id??null)||!this.occupancy?.replace(e)?(this.meanwhile=[e],this.loadAnew()):(this.event&&this.event.status!==e.status&&this.setEvent({...this.event,status:e.status}),this.handlers.changed())},commit:e=>{if(this.loading)return this.meanwhile.push(e),!0;let t=this.occupancy?.apply(e)??!1;return t&&this.handlers.changed(),t},event:e=>this.setEvent(e),connection:(e,t)=>{e!==this.connection&&(this.connection=e,this.handlers.connection(e,t))}}),this.feed.start())}stop(){this.stopper.abort(),this.feed?.stop()}setEvent(e){if(typeof e!=`object`||!e||e.id!==this.eventId)return;if(this.loading){this.eventMeanwhile=e;return}let t=this.isOfOtherPlace(e);this.event=e,t?this.loadAnew():this.handlers.eventChanged(e)}isOfOtherPlace(e){return e.chart_id!==this.event?.chart_id||JSON.stringify(e.areas)!==JSON.stringify(this.event?.areas)}loadAnew(){this.loading??=this.loadUntilItFits()}async loadUntilItFits(){let{signal:e}=this.stopper;for(;!e.aborted;){try{if(await this.load(),this.catchUp()){this.loading=void 0,this.handlers.connection(this.connection),this.handlers.changed();return}}catch(e){let t=I(e);if(this.handlers.connection(t.code===Ln?`failed`:`lost`,t),t.code===Ln){this.loading=void 0;return}}await Re(In,e).catch(()=>void 0)}}catchUp(){let e=this.eventMeanwhile;if(e&&e.seq>(this.event?.seq??0)){if(this.isOfOtherPlace(e))return!1;this.event=e,this.handlers.eventChanged(e)}for(let e of this.meanwhile){let{event:t,occupancy:n}=this;if(!t||!n)return!1;if(!(`from`in e&&e.seq<=n.seq)){if(`from`in e){if(e.from>n.seq+1||!n.apply(e))return!1}else if(e.chart_id!==t.chart_id||e.seq>n.seq&&!n.replace(e))return!1}}return this.meanwhile=[],this.eventMeanwhile=void 0,!0}async load(){let e=await this.client.event(this.eventId),t=e.chart_id===null?void 0:await this.client.chart(e.chart_id),n=ot(t);if(n>25e4)throw new F({status:0,code:Ln,title:`${n} seats are more than a map can show`,detail:``,retryable:!1});let r=st(t,e.areas,e.categories),i=new Ke(r),a=await this.client.availability(this.eventId);if(!i.replace(a))throw new F({status:0,code:`network`,title:`The chart and the seats do not fit together`,detail:``,retryable:!0});this.stopper.signal.aborted||(this.event=e,this.venue=r,this.occupancy=i,this.handlers.ready(this))}},zn=20,Bn=class extends P{static{this.styles=[gt,_t,Bt]}static{this.properties={event:{type:String},publishableKey:{type:String,attribute:`publishable-key`},accessToken:{type:String,attribute:`access-token`},server:{type:String},lang:{type:String},buyer:{type:String},maxSelection:{type:Number,attribute:`max-selection`},mode:{type:String},remember:{type:Boolean},theme:{type:String,reflect:!0},failure:{state:!0},notice:{state:!0},isBusy:{state:!0},view:{state:!0},wanted:{state:!0},tip:{state:!0},version:{state:!0},connection:{state:!0},said:{state:!0}}}constructor(){super(),this.mine=/* @__PURE__ */ new Set,this.seatOf=/* @__PURE__ */ new Map,this.isPending=!1,this.wasLost=!1,this.keyed=e=>{let{map:t}=this,{venue:n}=this.session??{};if(!t||!n||e.ctrlKey||e.metaKey||e.altKey)return;let r={ArrowLeft:`left`,ArrowRight:`right`,ArrowUp:`up`,ArrowDown:`down`}[e.key];if(r){let e=t.focused===void 0?t.central():Ve(n,t.focused,r)??t.focused;t.focus(e),e!==void 0&&(this.said=this.describe(e))}else if((e.key===`Enter`||e.key===` `)&&t.focused!==void 0)this.toggle(t.focused);else if(e.key===`+`||e.key===`=`)t.zoomBy(1.5);else if(e.key===`-`)t.zoomBy(1/1.5);else if(e.key===`0`)t.fit();else if(e.key===`Escape`)t.focus(void 0),this.notice=void 0;else return;e.preventDefault()},this.event=``,this.publishableKey=``,this.accessToken=``,this.server=``,this.buyer=``,this.maxSelection=zn,this.mode=`choose`,this.remember=!1,this.theme=vt()?`dark`:`light`,this.isBusy=!1,this.view=`map`,this.version=0,this.connection=`connecting`,this.said=``}get selected(){return(this.selection?.chosenSeats??[]).map(({seat:e})=>this.session.venue.labels[e])}get basket(){return this.ownBasket}get saleEvent(){return this.session?.event}select(e){let t=e.filter(e=>{let t=this.seatOf.get(e);return t!==void 0&&this.session.occupancy.isFree(t)&&this.selection.add(t)});return this.map?.restyle(),this.tellSelection(),t}clear(){this.selection?.clear(),this.map?.restyle(),this.tellSelection()}async hold(){let{selection:e}=this;if(!e||e.size===0)return;let t=e.chosenSeats.map(({seat:e})=>e),n=await this.take(e.wanted,e=>this.offerOthers(e,t));return n&&this.clear(),n}async bestAvailable(e){let{maxPrice:t,...n}=e,{event:r,venue:i}=this.session??{};if(r&&i){if(t!==void 0&&(n.categories=i.categories.map(e=>e.key).filter(e=>(B(r,e)??1/0)<=t),n.categories.length===0))this.tell({text:this.texts.problems.sold_out,kind:`warn`});else return this.take({best_available:{adjacent:!0,...n}},t=>t.code===`not_enough_adjacent`&&(this.tell({text:this.texts.apart,kind:`warn`,action:{label:this.texts.takeApart,run:()=>void this.bestAvailable({...e,adjacent:!1})}}),!0))}}zoomTo(e){this.map?.zoomToSection(this.session?.venue?.sections.findIndex(t=>t.name===e)??-1)}get found(){return Ct(this.lang,document.documentElement.lang,navigator.language)}get texts(){return this.found.texts}get language(){return this.found.language}get colors(){return this.theme===`dark`?Jt:qt}disconnectedCallback(){super.disconnectedCallback(),this.end()}connectedCallback(){super.connectedCallback(),this.hasUpdated&&this.begin()}updated(e){[`event`,`publishableKey`,`server`].some(t=>e.has(t))&&this.begin(),e.has(`accessToken`)&&this.client&&(this.client.accessToken=this.accessToken),e.has(`theme`)&&this.map?.setTheme(this.colors),e.has(`wanted`)&&this.map?.restyle(),this.tip&&this.placeTip(this.tip)}placeTip({x:e,y:t}){let n=this.renderRoot.querySelector(`.stage`),r=this.renderRoot.querySelector(`.tip`);if(!n||!r)return;let{clientWidth:i,clientHeight:a}=n;r.style.left=e>i/2?`auto`:`${e+14}px`,r.style.right=e>i/2?`${i-e+14}px`:`auto`,r.style.top=t>a/2?`auto`:`${t+14}px`,r.style.bottom=t>a/2?`${a-t+14}px`:`auto`}end(){this.session?.stop(),this.map?.stop(),this.ownBasket?.stop(),this.session=void 0,this.map=void 0,this.selection=void 0}async begin(){if(this.end(),this.failure=void 0,this.event===``)return;let e=new Ie(this.server,this.publishableKey);e.accessToken=this.accessToken,this.client=e;let t=new Be(e,this.event,this.remember?Vn():void 0);this.ownBasket=t,t.addEventListener(`change`,()=>this.basketChanged());let n=new Rn(e,this.event,{ready:e=>this.ready(e),changed:()=>this.seatsChanged(),eventChanged:e=>{this.selection?.setEvent(e),this.redraw(),this.fire(`flashtix-event`,e)},connection:(e,t)=>this.connected(e,t)});this.session=n;try{await n.start(),await t.restore()}catch(e){if(this.session!==n)return;this.failure=I(e),this.fire(`flashtix-connection`,{state:`failed`,problem:this.failure.body})}}ready(e){let{venue:t,occupancy:n,event:r}=e;if(!t||!n||!r)return;this.seatOf=new Map(t.labels.map((e,t)=>[e,t]));let i=this.selection;this.selection=new Ze(t,r,Math.max(1,this.maxSelection||zn)),this.markMine();let a=i===void 0?[]:this.selection.takeOver(i,e=>n.isFree(e)||this.mine.has(e));a.length>0&&this.tell({text:this.texts.seatGone(a.join(`, `),this.texts.notSold),kind:`warn`}),i&&this.tellSelection(),this.redraw(),this.updateComplete.then(()=>{this.map?this.map.setVenue(t,n):this.drawFirst(),this.fire(`flashtix-ready`,{event:r})})}drawFirst(){let{venue:e,occupancy:t}=this.session??{},n=this.renderRoot.querySelector(`.plan`);if(!n||!e||!t)return;let r=e=>n.querySelector(`canvas.${e}`);this.map=new On(n,{base:r(`base`),seats:r(`seats`),over:r(`over`)},e,t,this.colors,{picked:e=>this.toggle(e),areaPicked:e=>this.renderRoot.querySelector(`[data-area="${CSS.escape(e)}"]`)?.focus(),hovered:(e,t,n)=>this.tip=e===void 0?void 0:{seat:e,x:t,y:n},painted:()=>void 0,isChosen:e=>this.isChosen(e),isMine:e=>this.isMine(e),isWanted:e=>this.wanted===void 0||this.wanted===e,isPainting:()=>!1,left:e=>this.texts.left(e),stage:()=>this.texts.stage})}connected(e,t){this.connection=e,e===`lost`&&(this.wasLost=!0),e===`failed`&&t&&(this.failure=t),e===`live`&&this.wasLost&&(this.wasLost=!1,this.tell({text:this.texts.reconnected,kind:`good`})),this.fire(`flashtix-connection`,{state:e,problem:t?.body})}seatsChanged(){this.map?.changed();let{occupancy:e,venue:t}=this.session??{};if(e&&t&&this.selection){for(let{seat:n}of this.selection.chosenSeats){let r=e.seats[n];r===0||this.isBusy||this.mine.has(n)||(this.selection.remove(n),this.tell({text:this.texts.seatGone(t.labels[n],this.texts.status[R(r)]),kind:`warn`,...this.others([n])}),this.tellSelection())}this.isPending||(this.isPending=!0,setTimeout(()=>{this.isPending=!1,this.redraw()},250))}}redraw(){this.version+=1}fire(e,t){this.dispatchEvent(new CustomEvent(e,{detail:t,bubbles:!0,composed:!0}))}tell(e){this.notice=e,e&&(this.said=e.text)}isChosen(e){return this.selection?.has(e)??!1}isMine(e){return this.mine.has(e)}toggle(e){let{occupancy:t,venue:n,event:r}=this.session??{},{selection:i,texts:a}=this;if(t&&n&&r&&i&&this.mode===`choose`){if(this.notice=void 0,i.remove(e))this.said=`${n.labels[e]}: ${a.status.free}`;else if(this.mine.has(e)){this.said=`${n.labels[e]}: ${a.mine}`;return}else if(!t.isFree(e)){this.tell({text:`${n.labels[e]}: ${a.status[R(t.seats[e])]}`,kind:`warn`,...this.others([e])});return}else if(i.add(e))this.said=`${this.describe(e)}: ${a.chosen}`;else{let t=z(r,n.categories[n.category[e]]?.key??``).length>0;this.tell({text:t?a.limitReached(i.max):a.notSold,kind:`warn`});return}this.map?.restyle([e]),this.tellSelection()}}tellSelection(){let{selection:e}=this;this.redraw(),this.fire(`flashtix-selection`,{places:this.selected,areas:e?.wanted.areas??[],amount:e?.amount??0})}async take(e,t){let{ownBasket:n,session:r}=this;if(!n||!r||this.isBusy)return;this.isBusy=!0,this.notice=void 0;let i=n.hold;try{let t=await n.take(e,this.buyer||Hn(),r.occupancy?.seq),a=new Set(i?.id===t.id?i.places.map(e=>e.label):[]),o=t.places.filter(e=>!a.has(e.label)).flatMap(e=>this.seatOf.get(e.label)??[]);return e.best_available&&this.map?.reveal(o),this.tell({text:this.texts.held(ze(t)),kind:`good`}),this.fire(`flashtix-hold`,t),t}catch(e){let n=I(e);this.fire(`flashtix-refused`,n.body),t(n)||this.tell({text:Tt(n,this.texts,this.language),kind:`bad`});return}finally{this.isBusy=!1,this.seatsChanged()}}offerOthers(e,t){if(e.code!==`place_unavailable`)return!1;let n=new Set((e.body.places??[]).flatMap(e=>this.seatOf.get(e)??[]));for(let e of n)this.selection?.remove(e);return this.map?.restyle(),this.tell({text:Tt(e,this.texts,this.language),kind:`bad`,...this.others(t,n)}),!0}others(e,t=/* @__PURE__ */ new Set){let{venue:n,occupancy:r}=this.session??{};if(!n||!r||this.mode!==`choose`)return{};let i=He(n,e,e=>r.isFree(e)&&!t.has(e)&&!this.isChosen(e));if(!i)return{};let a=i.map(e=>n.labels[e]);return{action:{label:`${this.texts.takeSuggestion}: ${a.slice(0,3).join(`, `)}${a.length>3?` …`:``}`,run:()=>{for(let t of e)this.selection?.remove(t);this.notice=void 0,this.select(a),this.map?.reveal(i)}}}}basketChanged(){this.markMine(),this.map?.restyle(),this.redraw(),this.ownBasket&&(this.ownBasket.state.kind===`bought`&&this.map?.fit(),this.fire(`flashtix-basket`,this.ownBasket.state))}markMine(){let e=this.ownBasket?.state,t=e?.kind===`held`||e?.kind===`bought`?e.hold:void 0;this.mine=new Set((t?.places??[]).flatMap(e=>this.seatOf.get(e.label)??[]))}describe(e){let{venue:t,occupancy:n,event:r}=this.session,{texts:i}=this,a=t.rows[t.row[e]],o=t.categories[t.category[e]],s=o?B(r,o.key):void 0,c=t.flags[e],l=this.mine.has(e)?i.mine:this.isChosen(e)?i.chosen:i.status[R(n.seats[e])];return[i.seatTitle(t.sections[a.section].name,a.label,W(t,e)),o?.name,s===void 0?i.notSold:V(s,r.currency,this.language),l,c&1?i.accessible:``,c&2?i.companion:``,c&4?i.restricted:``].filter(Boolean).join(`, `)}render(){let{texts:e}=this,{event:t,venue:n}=this.session??{},r=t!==void 0&&n!==void 0&&this.session?.occupancy!==void 0&&!this.failure,i=this.connection===`lost`;return D`<div class="frame" dir=${e.direction} lang=${this.language}>
      ${r?this.header(t):D`<header hidden></header>`}
      <div class="stage ${i?`stale`:``}">
        <div class="plan" tabindex=${r&&this.view===`map`?0:-1} role="application" aria-label=${e.map(t?.name??``)} aria-describedby="help" ?hidden=${!r||this.view===`list`} @keydown=${this.keyed}>
          <canvas class="base" aria-hidden="true"></canvas><canvas class="seats" aria-hidden="true"></canvas><canvas class="over" aria-hidden="true"></canvas>
        </div>
        <p id="help" class="hidden">${e.mapHelp}</p>
        ${r&&this.view===`list`?this.list():k}
        ${r&&this.view===`map`?this.mapControls():k}
        <div class="notices">
          ${i&&r?D`<div class="notice warn" role="alert">${e.lost}</div>`:k}
          ${this.notice?this.noticeCard(this.notice):k}
        </div>
        ${r?k:this.instead()}
      </div>
      ${r&&this.mode===`choose`?this.footer(t):D`<footer hidden></footer>`}
      <div class="hidden" aria-live="polite">${this.said}</div>
    </div>`}instead(){let{failure:e,texts:t}=this;return e?D`<div class="whole" role="alert">
      <p>${Tt(e,t,this.language)}</p>
      <button @click=${()=>void this.begin()}>${t.retry}</button>
    </div>`:D`<div class="whole" role="status"><div class="spin"></div>${t.loading}</div>`}header(e){let{texts:t}=this,n=this.session.venue,r=(e,t)=>D`<button aria-pressed=${this.view===e?`true`:`false`} @click=${()=>this.view=e}>${t}</button>`;return D`<header>
      <div class="legend" role="group" aria-label=${t.categories}>
        ${n.categories.map((t,n)=>{let r=B(e,t.key);return D`<button aria-pressed=${this.wanted===n?`true`:`false`} @click=${()=>this.wanted=this.wanted===n?void 0:n}>
            <svg class="swatch" viewBox="0 0 2 2" aria-hidden="true"><circle cx="1" cy="1" r="1" fill=${t.color} /></svg>
            ${t.name}${r===void 0?``:` · ${V(r,e.currency,this.language)}`}
          </button>`})}
      </div>
      <div class="group" role="group" aria-label=${t.showAs}>${r(`map`,t.asMap)}${r(`list`,t.asList)}</div>
    </header>`}mapControls(){let{texts:e,tip:t}=this,n=(e,t)=>D`<span><i class=${e}></i>${t}</span>`;return D`<div class="zoom">
        <button aria-label=${e.zoomIn} @click=${()=>this.map?.zoomBy(1.6)}>+</button>
        <button aria-label=${e.zoomOut} @click=${()=>this.map?.zoomBy(1/1.6)}>−</button>
        <button aria-label=${e.zoomFit} @click=${()=>this.map?.fit()}>⤢</button>
      </div>
      <div class="marks">${n(`free`,e.key.free)}${n(`held`,e.key.held)}${n(`sold`,e.key.sold)}${n(`mine`,e.key.mine)}${n(`free square`,e.key.accessible)}</div>
      ${t?D`<div class="tip" >${this.describe(t.seat)}</div>`:k}`}noticeCard({text:e,kind:t,action:n}){return D`<div class="notice ${t}" role=${t===`bad`?`alert`:`status`}>
      <span>${e}</span>
      ${n?D`<button class="primary" @click=${n.run}>${n.label}</button>`:k}
      <button class="plain" aria-label=${this.texts.close} @click=${()=>this.notice=void 0}>✕</button>
    </div>`}list(){return D`<flashtix-seat-list theme=${this.theme} .venue=${this.session.venue} .occupancy=${this.session.occupancy} .event=${this.session.event} .texts=${this.texts} .language=${this.language} .host=${this} .version=${this.version}></flashtix-seat-list>`}footer(e){let{texts:t,selection:n}=this,r=this.session.venue,i=n?.size??0,a=e.status===`open`;return D`<footer>
      ${a?k:D`<strong role="status">${t.notOnSale[e.status]??``}</strong>`}
      ${i===0&&r.size>0&&a?this.bestForm(e):k}
      ${r.areas.length>0&&a?D`<div class="areas">${r.areas.map(t=>this.units(e,t.name,r.categories[t.category]?.key??``))}</div>`:k}
      ${i>0?D`<ul class="choice" aria-label=${t.yourChoice}>${n.chosenSeats.map(({seat:t,ticketType:n})=>this.chip(e,t,n))}</ul>
            <div class="buy">
              <span class="sum">${t.total} ${V(n.amount,e.currency,this.language)}</span>
              <button class="plain" @click=${()=>this.clear()}>${t.clear}</button>
              <button class="primary" ?disabled=${this.isBusy||!a} @click=${()=>void this.hold()}>${this.isBusy?t.busy:t.hold(i)}</button>
            </div>`:k}
    </footer>`}chip(e,t,n){let r=this.session.venue,i=r.labels[t],a=z(e,r.categories[r.category[t]]?.key??``);return D`<li>
      <span>${i}</span>
      ${a.length>1?D`<select aria-label=${this.texts.ticketTypeFor(i)} @change=${e=>{this.selection.add(t,e.target.value),this.tellSelection()}}>
            ${a.map(t=>D`<option value=${t.ticketType} ?selected=${t.ticketType===n}>${t.name} ${V(t.price,e.currency,this.language)}</option>`)}
          </select>`:D`<span class="quiet">${a[0]?V(a[0].price,e.currency,this.language):``}</span>`}
      <button aria-label=${this.texts.remove(i)} @click=${()=>this.toggle(t)}>✕</button>
    </li>`}units(e,t,n){let{free:r}=this.session.occupancy.area(t);return D`${z(e,n).map((n,i)=>{let a=`${t}, ${n.name}`,o=this.selection?.unitsOf(t,n.ticketType)??0,s=e=>{this.selection.setUnits(t,n.ticketType,e,r),this.tellSelection()};return D`<div class="units" role="group" aria-label=${this.texts.quantityFor(a)}>
        <span class="name"><b>${t}</b> ${n.name} · ${V(n.price,e.currency,this.language)} <span class="quiet">${this.texts.left(r)}</span></span>
        <button aria-label=${this.texts.fewer(a)} ?disabled=${o===0} @click=${()=>s(o-1)}>−</button>
        <output>${o}</output>
        <button data-area=${i===0?t:k} aria-label=${this.texts.oneMore(a)} ?disabled=${r<=o} @click=${()=>s(o+1)}>+</button>
      </div>`})}`}bestForm(e){let{texts:t}=this,n=this.session.venue,r=[...new Set(n.categories.flatMap(t=>B(e,t.key)??[]))].sort((e,t)=>e-t);return D`<form class="best" aria-label=${t.best} @submit=${e=>{e.preventDefault();let t=new FormData(e.target),n=Math.max(1,Math.min(this.maxSelection,Number(t.get(`people`))||2)),r=Number(t.get(`price`));this.bestAvailable({quantity:n,...r>=0&&t.get(`price`)!==``?{maxPrice:r}:{},...t.get(`accessible`)?{accessible:!0}:{}})}}>
      <label>${t.people}<input name="people" type="number" min="1" max=${this.maxSelection} .value=${`2`} required /></label>
      <label>${t.upTo}<select name="price"><option value="">${t.anyPrice}</option>${r.map(n=>D`<option value=${n}>${t.priceUpTo(V(n,e.currency,this.language))}</option>`)}</select></label>
      ${n.flags.some(e=>e&1)?D`<label class="check"><input type="checkbox" name="accessible" />${t.wheelchairOnly}</label>`:k}
      <button class="primary" ?disabled=${this.isBusy}>${this.isBusy?t.busy:t.findBest}</button>
    </form>`}};function Vn(){try{return globalThis.localStorage}catch{return}}function Hn(){let e=Vn(),t=e?.getItem(`flashtix:buyer`);if(t)return t;let n=`web-${crypto.getRandomValues(/* @__PURE__ */ new Uint32Array(3)).join(`-`)}`;try{e?.setItem(`flashtix:buyer`,n)}catch{}return n}customElements.get(`flashtix-map`)||customElements.define(`flashtix-map`,Bn);export{Bn as FlashtixMap};