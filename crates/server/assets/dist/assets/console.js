var e=globalThis,t=e.ShadowRoot&&(e.ShadyCSS===void 0||e.ShadyCSS.nativeShadow)&&`adoptedStyleSheets`in Document.prototype&&`replace`in CSSStyleSheet.prototype,n=Symbol(),r=new WeakMap,i=class{constructor(e,t,r){if(this._$cssResult$=!0,r!==n)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=e,this.t=t}get styleSheet(){let e=this.o,n=this.t;if(t&&e===void 0){let t=n!==void 0&&n.length===1;t&&(e=r.get(n)),e===void 0&&((this.o=e=new CSSStyleSheet).replaceSync(this.cssText),t&&r.set(n,e))}return e}toString(){return this.cssText}},a=e=>new i(typeof e==`string`?e:e+``,void 0,n),o=(e,...t)=>new i(e.length===1?e[0]:t.reduce((t,n,r)=>t+(e=>{if(!0===e._$cssResult$)return e.cssText;if(typeof e==`number`)return e;throw Error(`Value passed to 'css' function must be a 'css' function result: `+e+`. Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.`)})(n)+e[r+1],e[0]),e,n),s=(n,r)=>{if(t)n.adoptedStyleSheets=r.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let t of r){let r=document.createElement(`style`),i=e.litNonce;i!==void 0&&r.setAttribute(`nonce`,i),r.textContent=t.cssText,n.appendChild(r)}},c=t?e=>e:e=>e instanceof CSSStyleSheet?(e=>{let t=``;for(let n of e.cssRules)t+=n.cssText;return a(t)})(e):e,{is:l,defineProperty:u,getOwnPropertyDescriptor:d,getOwnPropertyNames:f,getOwnPropertySymbols:p,getPrototypeOf:m}=Object,h=globalThis,g=h.trustedTypes,_=g?g.emptyScript:``,v=h.reactiveElementPolyfillSupport,y=(e,t)=>e,b={toAttribute(e,t){switch(t){case Boolean:e=e?_:null;break;case Object:case Array:e=e==null?e:JSON.stringify(e)}return e},fromAttribute(e,t){let n=e;switch(t){case Boolean:n=e!==null;break;case Number:n=e===null?null:Number(e);break;case Object:case Array:try{n=JSON.parse(e)}catch{n=null}}return n}},x=(e,t)=>!l(e,t),S={attribute:!0,type:String,converter:b,reflect:!1,useDefault:!1,hasChanged:x};Symbol.metadata??=Symbol(`metadata`),h.litPropertyMetadata??=new WeakMap;var C=class extends HTMLElement{static addInitializer(e){this._$Ei(),(this.l??=[]).push(e)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(e,t=S){if(t.state&&(t.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(e)&&((t=Object.create(t)).wrapped=!0),this.elementProperties.set(e,t),!t.noAccessor){let n=Symbol(),r=this.getPropertyDescriptor(e,n,t);r!==void 0&&u(this.prototype,e,r)}}static getPropertyDescriptor(e,t,n){let{get:r,set:i}=d(this.prototype,e)??{get(){return this[t]},set(e){this[t]=e}};return{get:r,set(t){let a=r?.call(this);i?.call(this,t),this.requestUpdate(e,a,n)},configurable:!0,enumerable:!0}}static getPropertyOptions(e){return this.elementProperties.get(e)??S}static _$Ei(){if(this.hasOwnProperty(y(`elementProperties`)))return;let e=m(this);e.finalize(),e.l!==void 0&&(this.l=[...e.l]),this.elementProperties=new Map(e.elementProperties)}static finalize(){if(this.hasOwnProperty(y(`finalized`)))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(y(`properties`))){let e=this.properties,t=[...f(e),...p(e)];for(let n of t)this.createProperty(n,e[n])}let e=this[Symbol.metadata];if(e!==null){let t=litPropertyMetadata.get(e);if(t!==void 0)for(let[e,n]of t)this.elementProperties.set(e,n)}this._$Eh=new Map;for(let[e,t]of this.elementProperties){let n=this._$Eu(e,t);n!==void 0&&this._$Eh.set(n,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(e){let t=[];if(Array.isArray(e)){let n=new Set(e.flat(1/0).reverse());for(let e of n)t.unshift(c(e))}else e!==void 0&&t.push(c(e));return t}static _$Eu(e,t){let n=t.attribute;return!1===n?void 0:typeof n==`string`?n:typeof e==`string`?e.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(e=>this.enableUpdating=e),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(e=>e(this))}addController(e){(this._$EO??=new Set).add(e),this.renderRoot!==void 0&&this.isConnected&&e.hostConnected?.()}removeController(e){this._$EO?.delete(e)}_$E_(){let e=new Map,t=this.constructor.elementProperties;for(let n of t.keys())this.hasOwnProperty(n)&&(e.set(n,this[n]),delete this[n]);e.size>0&&(this._$Ep=e)}createRenderRoot(){let e=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return s(e,this.constructor.elementStyles),e}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(e=>e.hostConnected?.())}enableUpdating(e){}disconnectedCallback(){this._$EO?.forEach(e=>e.hostDisconnected?.())}attributeChangedCallback(e,t,n){this._$AK(e,n)}_$ET(e,t){let n=this.constructor.elementProperties.get(e),r=this.constructor._$Eu(e,n);if(r!==void 0&&!0===n.reflect){let i=(n.converter?.toAttribute===void 0?b:n.converter).toAttribute(t,n.type);this._$Em=e,i==null?this.removeAttribute(r):this.setAttribute(r,i),this._$Em=null}}_$AK(e,t){let n=this.constructor,r=n._$Eh.get(e);if(r!==void 0&&this._$Em!==r){let e=n.getPropertyOptions(r),i=typeof e.converter==`function`?{fromAttribute:e.converter}:e.converter?.fromAttribute===void 0?b:e.converter;this._$Em=r;let a=i.fromAttribute(t,e.type);this[r]=a??this._$Ej?.get(r)??a,this._$Em=null}}requestUpdate(e,t,n,r=!1,i){if(e!==void 0){let a=this.constructor;if(!1===r&&(i=this[e]),n??=a.getPropertyOptions(e),!((n.hasChanged??x)(i,t)||n.useDefault&&n.reflect&&i===this._$Ej?.get(e)&&!this.hasAttribute(a._$Eu(e,n))))return;this.C(e,t,n)}!1===this.isUpdatePending&&(this._$ES=this._$EP())}C(e,t,{useDefault:n,reflect:r,wrapped:i},a){n&&!(this._$Ej??=new Map).has(e)&&(this._$Ej.set(e,a??t??this[e]),!0!==i||a!==void 0)||(this._$AL.has(e)||(this.hasUpdated||n||(t=void 0),this._$AL.set(e,t)),!0===r&&this._$Em!==e&&(this._$Eq??=new Set).add(e))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let e=this.scheduleUpdate();return e!=null&&await e,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[e,t]of this._$Ep)this[e]=t;this._$Ep=void 0}let e=this.constructor.elementProperties;if(e.size>0)for(let[t,n]of e){let{wrapped:e}=n,r=this[t];!0!==e||this._$AL.has(t)||r===void 0||this.C(t,void 0,n,r)}}let e=!1,t=this._$AL;try{e=this.shouldUpdate(t),e?(this.willUpdate(t),this._$EO?.forEach(e=>e.hostUpdate?.()),this.update(t)):this._$EM()}catch(t){throw e=!1,this._$EM(),t}e&&this._$AE(t)}willUpdate(e){}_$AE(e){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(e)),this.updated(e)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(e){return!0}update(e){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(e){}firstUpdated(e){}};C.elementStyles=[],C.shadowRootOptions={mode:`open`},C[y(`elementProperties`)]=new Map,C[y(`finalized`)]=new Map,v?.({ReactiveElement:C}),(h.reactiveElementVersions??=[]).push(`2.1.2`);var w=globalThis,T=e=>e,E=w.trustedTypes,D=E?E.createPolicy(`lit-html`,{createHTML:e=>e}):void 0,O=`$lit$`,k=`lit$${Math.random().toFixed(9).slice(2)}$`,ee=`?`+k,A=`<${ee}>`,j=document,te=()=>j.createComment(``),ne=e=>e===null||typeof e!=`object`&&typeof e!=`function`,re=Array.isArray,ie=e=>re(e)||typeof e?.[Symbol.iterator]==`function`,ae=`[ 	
\f\r]`,M=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,N=/-->/g,P=/>/g,F=RegExp(`>|${ae}(?:([^\\s"'>=/]+)(${ae}*=${ae}*(?:[^ \t\n\f\r"'\`<>=]|("|')|))|$)`,`g`),I=/'/g,L=/"/g,oe=/^(?:script|style|textarea|title)$/i,se=e=>(t,...n)=>({_$litType$:e,strings:t,values:n}),R=se(1),ce=se(2),le=Symbol.for(`lit-noChange`),z=Symbol.for(`lit-nothing`),ue=new WeakMap,de=j.createTreeWalker(j,129);function fe(e,t){if(!re(e)||!e.hasOwnProperty(`raw`))throw Error(`invalid template strings array`);return D===void 0?t:D.createHTML(t)}var pe=(e,t)=>{let n=e.length-1,r=[],i,a=t===2?`<svg>`:t===3?`<math>`:``,o=M;for(let t=0;t<n;t++){let n=e[t],s,c,l=-1,u=0;for(;u<n.length&&(o.lastIndex=u,c=o.exec(n),c!==null);)u=o.lastIndex,o===M?c[1]===`!--`?o=N:c[1]===void 0?c[2]===void 0?c[3]!==void 0&&(o=F):(oe.test(c[2])&&(i=RegExp(`</`+c[2],`g`)),o=F):o=P:o===F?c[0]===`>`?(o=i??M,l=-1):c[1]===void 0?l=-2:(l=o.lastIndex-c[2].length,s=c[1],o=c[3]===void 0?F:c[3]===`"`?L:I):o===L||o===I?o=F:o===N||o===P?o=M:(o=F,i=void 0);let d=o===F&&e[t+1].startsWith(`/>`)?` `:``;a+=o===M?n+A:l>=0?(r.push(s),n.slice(0,l)+O+n.slice(l)+k+d):n+k+(l===-2?t:d)}return[fe(e,a+(e[n]||`<?>`)+(t===2?`</svg>`:t===3?`</math>`:``)),r]},me=class e{constructor({strings:t,_$litType$:n},r){let i;this.parts=[];let a=0,o=0,s=t.length-1,c=this.parts,[l,u]=pe(t,n);if(this.el=e.createElement(l,r),de.currentNode=this.el.content,n===2||n===3){let e=this.el.content.firstChild;e.replaceWith(...e.childNodes)}for(;(i=de.nextNode())!==null&&c.length<s;){if(i.nodeType===1){if(i.hasAttributes())for(let e of i.getAttributeNames())if(e.endsWith(O)){let t=u[o++],n=i.getAttribute(e).split(k),r=/([.?@])?(.*)/.exec(t);c.push({type:1,index:a,name:r[2],strings:n,ctor:r[1]===`.`?ye:r[1]===`?`?B:r[1]===`@`?V:ve}),i.removeAttribute(e)}else e.startsWith(k)&&(c.push({type:6,index:a}),i.removeAttribute(e));if(oe.test(i.tagName)){let e=i.textContent.split(k),t=e.length-1;if(t>0){i.textContent=E?E.emptyScript:``;for(let n=0;n<t;n++)i.append(e[n],te()),de.nextNode(),c.push({type:2,index:++a});i.append(e[t],te())}}}else if(i.nodeType===8){if(i.data===ee)c.push({type:2,index:a});else{let e=-1;for(;(e=i.data.indexOf(k,e+1))!==-1;)c.push({type:7,index:a}),e+=k.length-1}}a++}}static createElement(e,t){let n=j.createElement(`template`);return n.innerHTML=e,n}};function he(e,t,n=e,r){if(t===le)return t;let i=r===void 0?n._$Cl:n._$Co?.[r],a=ne(t)?void 0:t._$litDirective$;return i?.constructor!==a&&(i?._$AO?.(!1),a===void 0?i=void 0:(i=new a(e),i._$AT(e,n,r)),r===void 0?n._$Cl=i:(n._$Co??=[])[r]=i),i!==void 0&&(t=he(e,i._$AS(e,t.values),i,r)),t}var ge=class{constructor(e,t){this._$AV=[],this._$AN=void 0,this._$AD=e,this._$AM=t}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(e){let{el:{content:t},parts:n}=this._$AD,r=(e?.creationScope??j).importNode(t,!0);de.currentNode=r;let i=de.nextNode(),a=0,o=0,s=n[0];for(;s!==void 0;){if(a===s.index){let t;s.type===2?t=new _e(i,i.nextSibling,this,e):s.type===1?t=new s.ctor(i,s.name,s.strings,this,e):s.type===6&&(t=new be(i,this,e)),this._$AV.push(t),s=n[++o]}a!==s?.index&&(i=de.nextNode(),a++)}return de.currentNode=j,r}p(e){let t=0;for(let n of this._$AV)n!==void 0&&(n.strings===void 0?n._$AI(e[t]):(n._$AI(e,n,t),t+=n.strings.length-2)),t++}},_e=class e{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(e,t,n,r){this.type=2,this._$AH=z,this._$AN=void 0,this._$AA=e,this._$AB=t,this._$AM=n,this.options=r,this._$Cv=r?.isConnected??!0}get parentNode(){let e=this._$AA.parentNode,t=this._$AM;return t!==void 0&&e?.nodeType===11&&(e=t.parentNode),e}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(e,t=this){e=he(this,e,t),ne(e)?e===z||e==null||e===``?(this._$AH!==z&&this._$AR(),this._$AH=z):e!==this._$AH&&e!==le&&this._(e):e._$litType$===void 0?e.nodeType===void 0?ie(e)?this.k(e):this._(e):this.T(e):this.$(e)}O(e){return this._$AA.parentNode.insertBefore(e,this._$AB)}T(e){this._$AH!==e&&(this._$AR(),this._$AH=this.O(e))}_(e){this._$AH!==z&&ne(this._$AH)?this._$AA.nextSibling.data=e:this.T(j.createTextNode(e)),this._$AH=e}$(e){let{values:t,_$litType$:n}=e,r=typeof n==`number`?this._$AC(e):(n.el===void 0&&(n.el=me.createElement(fe(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===r)this._$AH.p(t);else{let e=new ge(r,this),n=e.u(this.options);e.p(t),this.T(n),this._$AH=e}}_$AC(e){let t=ue.get(e.strings);return t===void 0&&ue.set(e.strings,t=new me(e)),t}k(t){re(this._$AH)||(this._$AH=[],this._$AR());let n=this._$AH,r,i=0;for(let a of t)i===n.length?n.push(r=new e(this.O(te()),this.O(te()),this,this.options)):r=n[i],r._$AI(a),i++;i<n.length&&(this._$AR(r&&r._$AB.nextSibling,i),n.length=i)}_$AR(e=this._$AA.nextSibling,t){for(this._$AP?.(!1,!0,t);e!==this._$AB;){let t=T(e).nextSibling;T(e).remove(),e=t}}setConnected(e){this._$AM===void 0&&(this._$Cv=e,this._$AP?.(e))}},ve=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(e,t,n,r,i){this.type=1,this._$AH=z,this._$AN=void 0,this.element=e,this.name=t,this._$AM=r,this.options=i,n.length>2||n[0]!==``||n[1]!==``?(this._$AH=Array(n.length-1).fill(new String),this.strings=n):this._$AH=z}_$AI(e,t=this,n,r){let i=this.strings,a=!1;if(i===void 0)e=he(this,e,t,0),a=!ne(e)||e!==this._$AH&&e!==le,a&&(this._$AH=e);else{let r=e,o,s;for(e=i[0],o=0;o<i.length-1;o++)s=he(this,r[n+o],t,o),s===le&&(s=this._$AH[o]),a||=!ne(s)||s!==this._$AH[o],s===z?e=z:e!==z&&(e+=(s??``)+i[o+1]),this._$AH[o]=s}a&&!r&&this.j(e)}j(e){e===z?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,e??``)}},ye=class extends ve{constructor(){super(...arguments),this.type=3}j(e){this.element[this.name]=e===z?void 0:e}},B=class extends ve{constructor(){super(...arguments),this.type=4}j(e){this.element.toggleAttribute(this.name,!!e&&e!==z)}},V=class extends ve{constructor(e,t,n,r,i){super(e,t,n,r,i),this.type=5}_$AI(e,t=this){if((e=he(this,e,t,0)??z)===le)return;let n=this._$AH,r=e===z&&n!==z||e.capture!==n.capture||e.once!==n.once||e.passive!==n.passive,i=e!==z&&(n===z||r);r&&this.element.removeEventListener(this.name,this,n),i&&this.element.addEventListener(this.name,this,e),this._$AH=e}handleEvent(e){typeof this._$AH==`function`?this._$AH.call(this.options?.host??this.element,e):this._$AH.handleEvent(e)}},be=class{constructor(e,t,n){this.element=e,this.type=6,this._$AN=void 0,this._$AM=t,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(e){he(this,e)}},xe=w.litHtmlPolyfillSupport;xe?.(me,_e),(w.litHtmlVersions??=[]).push(`3.3.3`);var Se=(e,t,n)=>{let r=n?.renderBefore??t,i=r._$litPart$;if(i===void 0){let e=n?.renderBefore??null;r._$litPart$=i=new _e(t.insertBefore(te(),e),e,void 0,n??{})}return i._$AI(e),i},Ce=globalThis,we=class extends C{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let e=super.createRenderRoot();return this.renderOptions.renderBefore??=e.firstChild,e}update(e){let t=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(e),this._$Do=Se(t,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return le}};we._$litElement$=!0,we.finalized=!0,Ce.litElementHydrateSupport?.({LitElement:we});var Te=Ce.litElementPolyfillSupport;Te?.({LitElement:we}),(Ce.litElementVersions??=[]).push(`4.2.2`);var Ee=4,De=4e3,Oe=2e4,ke=class extends Error{constructor(e){super(e.detail||e.title),this.body=e,this.name=`Problem`}get code(){return this.body.code}get status(){return this.body.status}get isUnsettled(){return this.code===`network`||this.code===`outcome_unknown`}};function Ae(e){return e instanceof ke?e:je(e)}function je(e){return new ke({status:0,code:`network`,title:`No answer`,detail:e instanceof Error?e.message:String(e),retryable:!0})}function Me(){let e=crypto.getRandomValues(new Uint8Array(18));return Array.from(e,e=>e.toString(16).padStart(2,`0`)).join(``)}var Ne=class{constructor(e,t){this.server=e,this.key=t,this.skewMs=0,this.accessToken=``}now(){return Date.now()+this.skewMs}url(e){return`${this.server.replace(/\/+$/,``)}${e}`}get headers(){return this.key===``?{}:{authorization:`Bearer ${this.key}`}}get access(){return this.accessToken===``?{}:{"access-token":this.accessToken}}events(e){return this.call(`/v1/events?limit=100${e?`&cursor=${encodeURIComponent(e)}`:``}`)}event(e){return this.call(`/v1/events/${encodeURIComponent(e)}`)}chart(e){return this.call(`/v1/charts/${encodeURIComponent(e)}`,{timeoutMs:12e4})}availability(e){return this.call(`/v1/events/${encodeURIComponent(e)}/availability`)}hold(e,t,n,r){return this.call(`/v1/events/${encodeURIComponent(e)}/holds`,{method:`POST`,body:t,headers:{...this.access,...n===void 0?{}:{"if-seq":String(n)}},...r?{idempotencyKey:r}:{}})}readHold(e,t){return this.call(`/v1/holds/${encodeURIComponent(e)}`,{headers:{"hold-token":t}})}changeHold(e,t,n){return this.call(`/v1/holds/${encodeURIComponent(e)}`,{method:`PATCH`,body:n,headers:{...this.access,"hold-token":t}})}releaseHold(e,t){return this.call(`/v1/holds/${encodeURIComponent(e)}`,{method:`DELETE`,headers:{"hold-token":t}})}confirm(e,t,n,r){return this.call(`/v1/holds/${encodeURIComponent(e)}/confirm`,{method:`POST`,body:n,headers:{"hold-token":t},idempotencyKey:r})}async call(e,t={}){let n=await this.text(e,t);try{return n===``?void 0:JSON.parse(n)}catch{throw new ke({status:0,code:`network`,title:`An answer that cannot be read`,detail:`${e} did not answer with JSON`,retryable:!1})}}async text(e,t={}){let n=t.method??`GET`,r=n===`POST`||n===`PATCH`,i={...this.headers,...t.headers};r&&(i[`idempotency-key`]=t.idempotencyKey??Me()),t.body!==void 0&&(i[`content-type`]=`application/json`);let a={method:n,headers:i,credentials:`omit`};t.body!==void 0&&(a.body=typeof t.body==`string`?t.body:JSON.stringify(t.body));for(let n=1;;n++)try{return await this.once(e,a,t)}catch(e){if(t.signal?.aborted)throw e;let r=Ae(e);if(!(r.isUnsettled||[`overloaded`,`unavailable`,`idempotency_in_flight`].includes(r.code))||n>=(t.attempts??Ee))throw r;await Fe(Math.min(r.body.retry_after_ms??250*2**n,De),t.signal)}}async once(e,t,n){let r=AbortSignal.timeout(n.timeoutMs??Oe),i=n.signal?AbortSignal.any([n.signal,r]):r,a,o;try{a=await fetch(this.url(e),{...t,signal:i}),o=await a.text()}catch(e){throw n.signal?.aborted?e:je(e)}if(this.readClock(a),!a.ok)throw Pe(a.status,o);return o}readClock(e){let t=Date.parse(e.headers.get(`date`)??``);Number.isFinite(t)&&(this.skewMs=t+500-Date.now())}};function Pe(e,t){try{let n=JSON.parse(t);if(typeof n==`object`&&n&&typeof n.code==`string`)return new ke({...n,status:e})}catch{}return new ke({status:e,code:e===401?`unauthorized`:e===404?`not_found`:e>=500?`unavailable`:`unexpected`,title:`HTTP ${e}`,detail:`HTTP ${e}`,retryable:e>=500})}function Fe(e,t){return new Promise((n,r)=>{if(t?.aborted)return r(t.reason);let i=setTimeout(()=>{t?.removeEventListener(`abort`,a),n()},e),a=()=>{clearTimeout(i),r(t?.reason)};t?.addEventListener(`abort`,a,{once:!0})})}var Ie=1e3,Le=class extends Ne{charts(e){return this.call(`/v1/charts${ze({limit:100,cursor:e})}`)}createChart(e,t){return this.call(`/v1/charts${t===`pretix`?`?format=pretix`:``}`,{method:`POST`,body:e,timeoutMs:12e4})}createEvent(e){return this.call(`/v1/events`,{method:`POST`,body:e})}changeEvent(e,t){return this.call(Re(e),{method:`PATCH`,body:t})}block(e,t){return this.call(`${Re(e)}/block`,{method:`POST`,body:t})}unblock(e,t){return this.call(`${Re(e)}/unblock`,{method:`POST`,body:t})}orders(e,t,n){return this.call(`${Re(e)}/orders${ze({...t})}`,n?{signal:n}:{})}order(e){return this.call(`/v1/orders/${encodeURIComponent(e)}`)}cancelOrder(e,t){return this.call(`/v1/orders/${encodeURIComponent(e)}/cancel`,{method:`POST`,body:t?{tickets:t}:{}})}ledger(e,t,n){return this.call(`${Re(e)}/ledger${ze({...t})}`,{signal:n,timeoutMs:((t.wait??0)+20)*1e3})}};function Re(e){return`/v1/events/${encodeURIComponent(e)}`}function ze(e){let t=Object.entries(e).flatMap(([e,t])=>t===void 0?[]:[[e,String(t)]]);return t.length>0?`?${new URLSearchParams(t)}`:``}var Be=o`
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
`,Ve=o`
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
`;function He(){return globalThis.matchMedia?.(`(prefers-color-scheme: dark)`).matches??!1}var Ue=(e,t,n)=>e===1?t:n,We={title:`Kasse`,loading:`Einen Moment …`,close:`Schließen`,cancel:`Lassen`,more:`Mehr zeigen`,retry:`Noch einmal`,saved:`Gespeichert.`,signIn:{title:`An der Kasse anmelden`,key:`Geheimer Schlüssel`,hint:`Er beginnt mit sk_. Er bleibt in diesem Tab und geht nur an diesen Server.`,remember:`Behalten, bis dieser Tab geschlossen wird`,submit:`Anmelden`,publishable:`Das ist ein öffentlicher Schlüssel, für Browser von Käufern. Die Kasse verlangt einen geheimen: sk_…`,malformed:`Ein geheimer Schlüssel beginnt mit sk_live_ oder sk_test_.`,wrong:`Der Server kennt diesen Schlüssel nicht.`,demo:`make demo und flashtix demo zeigen ihren; flashtix keys create macht andere.`},out:`Abmelden`,test:`Testbetrieb`,live:`Echtbetrieb`,events:`Veranstaltungen`,newEvent:`Neue Veranstaltung`,noEvents:`Es gibt noch keine Veranstaltung.`,status:{draft:`Entwurf`,open:`Im Verkauf`,paused:`Angehalten`,closed:`Beendet`,cancelled:`Abgesagt`},counts:{sold:`Verkauft`,held:`Zurückgelegt`,free:`Frei`,blocked:`Gesperrt`},soldOf:(e,t)=>`${e} von ${t} verkauft`,begins:e=>`Beginn ${e}`,opens:e=>`Verkauf ab ${e}`,closes:e=>`Verkauf bis ${e}`,openPage:`Die Seite der Käufer`,room:{controls:`Der Verkauf`,open:`In den Verkauf`,pause:`Anhalten`,resume:`Weiter verkaufen`,close:`Verkauf beenden`,cancel:`Veranstaltung absagen`,closeSure:`Niemand kann mehr zurücklegen oder kaufen; laufende Warenkörbe dürfen noch bezahlt werden.`,cancelSure:`Das ist endgültig: laufende Warenkörbe werden aufgelöst, nichts wird je wieder verkauft. Bestellungen bleiben, bis Sie sie einzeln stornieren.`,figures:`Plätze`,health:`Wie es läuft`,ofNode:`Die Raten sind die des Servers, der diese Seite beantwortet, für alle seine Veranstaltungen.`,sold:`Plätze verkauft / s`,bookings:`Bestellungen / s`,refused:`Absagen / s`,requests:`Anfragen / s`,p50:`Median`,p99:`99. Perzentil`,rates:`Anfragen je Sekunde, nach Ausgang`,latency:`Von der Anfrage zur Antwort, in Millisekunden`,perCommit:`Bestellungen je Commit`,commits:`Commits je Sekunde`,batch:`Stapel, 99. Perzentil`,store:`Speicher`,gate:`Vorsperre`,watchers:`Offene Pläne`,ready:`antwortet`,unready:`antwortet nicht`,down:`Server nicht erreichbar`,unknown:`wird gefragt …`,hidden:`wird hier nicht gesagt`,gateOff:`keine`,gateOn:`davor`,gateBypassed:`umgangen`,refusals:`Absagen je Sekunde`,noRefusals:`keine`,conflicts:`Stapel zweimal entschieden`},alarms:{title:`Alarme`,none:`Kein Alarm.`,down:`Diese Seite erreicht den Server nicht. Was Sie sehen, ist alt.`,unready:`Der Server kann nicht verkaufen: sein Speicher antwortet nicht, oder er hält an.`,feedLost:`Der Plan ist vom Verkauf abgeschnitten. Er verbindet sich von selbst wieder.`,gateBypassed:`Redis wird umgangen. Der Verkauf geht weiter; die Datenbank entscheidet allein.`,storeFailures:`Der Speicher konnte in der letzten Minute einen Stapel nicht festschreiben. Den Käufern wurde gesagt, dass nichts geschah.`,shed:`In der letzten Minute wurden Anfragen abgewiesen, weil sie zu lange gewartet hatten.`,reloads:`Die Veranstaltung wurde in der letzten Minute neu gelesen, weil ihre Geschichte eine andere war: Ausfall oder Wiederherstellung.`,slow:`Antworten sind langsam: eine von hundert braucht länger als eine Sekunde.`,poolWaiting:`Anfragen warten auf eine Verbindung zur Datenbank.`},map:{label:e=>`Live-Plan von ${e}`,help:`Zeigt, wer was hat. Ohne Maus lassen sich Plätze neben dem Plan nach Block und Reihe sperren und freigeben.`,move:`Verschieben`,paint:`Rahmen ziehen`,tool:`Was Ziehen tut`,paintHint:`Ziehen Sie einen Rahmen um Plätze, um sie zu sperren oder freizugeben.`,bySection:`Nach Block und Reihe`,section:`Block`,row:`Reihe`,allRows:`Alle Reihen`,choose:`Zur Auswahl`,chosen:(e,t,n,r)=>`${e} ${Ue(e,`Platz`,`Plätze`)} gewählt: ${t} frei, ${n} gesperrt, ${r} zurückgelegt oder verkauft`,channel:`Kontingent`,block:e=>`${e} freie sperren`,free:e=>`${e} gesperrte freigeben`,clear:`Leeren`,blocked:(e,t)=>`${e} gesperrt${t>0?`; ${t} bleiben bei ihren Käufern und kommen ins Kontingent, wenn sie zurückgegeben werden`:``}.`,freed:e=>`${e} ${Ue(e,`gehört`,`gehören`)} wieder allen.`,partly:(e,t)=>`${e} von ${t} sind getan; dann ging dies schief:`,area:`Bereich`,units:`Anzahl`,blockUnits:`Sperren`,freeUnits:`Freigeben`,areas:`Stehplätze`},ledger:{title:`Hauptbuch`,empty:`Noch ist nichts geschehen.`,hold:`Nicht weiter folgen`,follow:`Folgen`,download:`Hauptbuch als CSV`,loading:e=>`${e} Einträge …`,at:`Wann`,kind:`Was`,who:`Wer`,places:`Plätze`,amount:`Preis`,others:e=>`und ${e} weitere`,skipped:e=>`${e} frühere Commits stehen nicht hier`,kinds:{hold:`zurückgelegt`,edit:`geändert`,extend:`verlängert`,release:`zurückgegeben`,expire:`verfallen`,confirm:`bezahlt`,book:`gekauft`,change:`getauscht`,cancel:`storniert`,block:`gesperrt`,unblock:`freigegeben`,event:`Veranstaltung`,restored:`wiederhergestellt`}},orders:{title:`Bestellungen`,find:`Suchen`,by:`Nach`,fields:{buyer:`Käufer`,order:`Bestellung`,payment_ref:`Zahlung`,ref:`Ihre Referenz`,code:`Barcode`},value:`Genau`,none:`Keine Bestellung passt.`,all:`Die ersten Bestellungen`,download:`Bestellungen als CSV`,loading:e=>`${e} Bestellungen …`,buyer:`Käufer`,places:`Plätze`,amount:`Betrag`,made:`Gemacht`,status:{confirmed:`gültig`,cancelled:`storniert`},cancelAll:`Bestellung stornieren`,cancelTicket:e=>`${e} stornieren`,sureAll:(e,t)=>`Die Bestellung von ${e} mit ${t} ${Ue(t,`Karte`,`Karten`)} stornieren? Die Plätze kommen wieder in den Verkauf.`,sureTicket:(e,t)=>`${e} von ${t} stornieren? Der Platz kommt wieder in den Verkauf.`,yes:`Ja, stornieren`,gone:`storniert`},settings:{title:`Einstellungen`,name:`Name`,perBuyer:`Plätze, die ein Käufer haben darf`,perBuyerHint:`leer für keine Grenze`,hold:`Ein Warenkorb hält, in Minuten`,holdMax:`Er kann verlängert werden auf, in Minuten`,opensAt:`Verkauf ab`,closesAt:`Verkauf bis`,startsAt:`Beginn der Veranstaltung`,publicConfirm:`Käufer dürfen selbst bestätigen, ohne Ihren Server (es wird keine Zahlung geprüft)`,prices:`Preise`,save:`Speichern`,notSold:`nicht im Verkauf`,priceWrong:e=>`${e}: ein Preis sieht aus wie 12.50, oder bleibt leer, wo nichts verkauft wird.`,numberWrong:e=>`${e}: bitte eine ganze Zahl über null.`,timeWrong:e=>`${e}: das ist kein Datum mit Uhrzeit.`},create:{title:`Neue Veranstaltung`,chart:`Saalplan`,known:`Einer, der da ist`,noChart:`Keiner: nur Stehplätze`,upload:`Oder einen hochladen: JSON, in FlashTix’ eigenem Format oder dem von pretix`,uploading:`Der Plan wird gelesen …`,uploaded:(e,t)=>`${e}: ${t} Plätze.`,renamed:e=>`${e} ${Ue(e,`Name war`,`Namen waren`)} doppelt und bekamen eine Nummer.`,tooLarge:e=>`Ein Plan darf höchstens ${e} MB haben.`,notJson:`Diese Datei ist kein JSON.`,preview:`Vorschau des Plans`,previewTooLarge:`Der Plan ist zu groß, um gezeichnet zu werden; verkauft werden kann er trotzdem.`,areas:`Stehplätze`,areaName:`Name`,areaUnits:`Anzahl`,areaCategory:`Kategorie`,addArea:`Bereich dazu`,removeArea:e=>`${e} entfernen`,name:`Name der Veranstaltung`,currency:`Währung`,status:`Zuerst`,draft:`ein Entwurf: niemand sieht sie`,open:`sofort im Verkauf`,submit:`Veranstaltung anlegen`,needsPlaces:`Eine Veranstaltung braucht einen Saalplan, einen Bereich, oder beides.`},refused:(e,t)=>`${e}: ${t}`},Ge=(e,t,n)=>e===1?t:n,Ke={title:`Box office`,loading:`One moment…`,close:`Close`,cancel:`Leave it`,more:`Show more`,retry:`Try again`,saved:`Saved.`,signIn:{title:`Sign in to the box office`,key:`Secret key`,hint:`It begins with sk_. It stays in this tab and is sent to this server alone.`,remember:`Keep it until this tab is closed`,submit:`Sign in`,publishable:`This is a publishable key, for browsers of buyers. The box office needs a secret one: sk_…`,malformed:`A secret key begins with sk_live_ or sk_test_.`,wrong:`The server does not know this key.`,demo:`make demo and flashtix demo print theirs; flashtix keys create makes others.`},out:`Sign out`,test:`Test mode`,live:`Live mode`,events:`Events`,newEvent:`New event`,noEvents:`There is no event yet.`,status:{draft:`Draft`,open:`On sale`,paused:`Paused`,closed:`Closed`,cancelled:`Cancelled`},counts:{sold:`Sold`,held:`Held`,free:`Free`,blocked:`Blocked`},soldOf:(e,t)=>`${e} of ${t} sold`,begins:e=>`Begins ${e}`,opens:e=>`Sale opens ${e}`,closes:e=>`Sale closes ${e}`,openPage:`The buyers’ page`,room:{controls:`The sale`,open:`Put on sale`,pause:`Pause`,resume:`Go on selling`,close:`Close the sale`,cancel:`Cancel the event`,closeSure:`Nobody can hold or buy any more; running holds may still be paid.`,cancelSure:`This is for good: running holds are released, nothing is ever sold again. Orders stay until you cancel them one by one.`,figures:`Places`,health:`How it is going`,ofNode:`Rates are those of the server that answers this page, for all its events.`,sold:`places sold / s`,bookings:`orders / s`,refused:`refused / s`,requests:`requests / s`,p50:`median`,p99:`99th percentile`,rates:`Requests a second, by what became of them`,latency:`From request to answer, in milliseconds`,perCommit:`Orders a commit`,commits:`Commits a second`,batch:`Batch, 99th percentile`,store:`Store`,gate:`Gate`,watchers:`Open maps`,ready:`answers`,unready:`does not answer`,down:`server unreachable`,unknown:`asking…`,hidden:`not told here`,gateOff:`none`,gateOn:`in front`,gateBypassed:`bypassed`,refusals:`Refusals a second`,noRefusals:`none`,conflicts:`Batches decided twice`},alarms:{title:`Alarms`,none:`No alarm.`,down:`This page cannot reach the server. What you see is old.`,unready:`The server cannot sell: its store does not answer, or it is stopping.`,feedLost:`The map is cut off from the feed. It reconnects by itself.`,gateBypassed:`Redis is bypassed. Selling goes on; the database decides alone.`,storeFailures:`The store failed to commit a batch within the last minute. Those buyers were told that nothing happened.`,shed:`Requests were turned away within the last minute, because they had waited too long.`,reloads:`The event was read anew within the last minute, because its history was another: a failover, or a restore.`,slow:`Answers are slow: one in a hundred takes longer than a second.`,poolWaiting:`Requests wait for a connection to the database.`},map:{label:e=>`Live map of ${e}`,help:`Shows who has what. To block or free seats without a mouse, choose them by section and row beside the map.`,move:`Move`,paint:`Draw a frame`,tool:`What dragging does`,paintHint:`Drag a frame around seats to block or to free them.`,bySection:`By section and row`,section:`Section`,row:`Row`,allRows:`All rows`,choose:`Add to the choice`,chosen:(e,t,n,r)=>`${e} ${Ge(e,`seat`,`seats`)} chosen: ${t} free, ${n} blocked, ${r} held or sold`,channel:`Channel`,block:e=>`Block ${e} free`,free:e=>`Free ${e} blocked`,clear:`Clear`,blocked:(e,t)=>`${e} blocked${t>0?`; ${t} stay with their buyers and come to the channel when they are given back`:``}.`,freed:e=>`${e} ${Ge(e,`is`,`are`)} the public’s again.`,partly:(e,t)=>`${e} of ${t} were done; then this went wrong:`,area:`Area`,units:`Units`,blockUnits:`Block`,freeUnits:`Free`,areas:`Standing areas`},ledger:{title:`Ledger`,empty:`Nothing has happened yet.`,hold:`Stop following`,follow:`Follow`,download:`Ledger as CSV`,loading:e=>`${e} entries…`,at:`When`,kind:`What`,who:`Who`,places:`Places`,amount:`Price`,others:e=>`and ${e} more`,skipped:e=>`${e} earlier commits are not shown here`,kinds:{hold:`held`,edit:`changed`,extend:`prolonged`,release:`released`,expire:`lapsed`,confirm:`paid`,book:`bought`,change:`exchanged`,cancel:`cancelled`,block:`blocked`,unblock:`freed`,event:`event`,restored:`restored`}},orders:{title:`Orders`,find:`Find`,by:`By`,fields:{buyer:`Buyer`,order:`Order`,payment_ref:`Payment`,ref:`Your reference`,code:`Barcode`},value:`Exactly`,none:`No order fits.`,all:`The first orders`,download:`Orders as CSV`,loading:e=>`${e} orders…`,buyer:`Buyer`,places:`Places`,amount:`Amount`,made:`Made`,status:{confirmed:`valid`,cancelled:`cancelled`},cancelAll:`Cancel order`,cancelTicket:e=>`Cancel ${e}`,sureAll:(e,t)=>`Cancel the order of ${e} with ${t} ${Ge(t,`ticket`,`tickets`)}? Its places go back on sale.`,sureTicket:(e,t)=>`Cancel ${e} of ${t}? The place goes back on sale.`,yes:`Yes, cancel`,gone:`cancelled`},settings:{title:`Settings`,name:`Name`,perBuyer:`Places a buyer may have`,perBuyerHint:`empty for no limit`,hold:`A hold lasts, in minutes`,holdMax:`It can be prolonged to, in minutes`,opensAt:`Sale opens`,closesAt:`Sale closes`,startsAt:`The show begins`,publicConfirm:`Buyers may confirm by themselves, without your server (no payment is checked)`,prices:`Prices`,save:`Save`,notSold:`not sold`,priceWrong:e=>`${e}: a price looks like 12.50, or is empty where nothing is sold.`,numberWrong:e=>`${e}: a whole number above zero, please.`,timeWrong:e=>`${e}: this is no date and time.`},create:{title:`New event`,chart:`Seating chart`,known:`One that is here`,noChart:`None: standing areas only`,upload:`Or upload one: JSON, FlashTix’s own format or pretix’s`,uploading:`The chart is read…`,uploaded:(e,t)=>`${e}: ${t} seats.`,renamed:e=>`${e} ${Ge(e,`name was`,`names were`)} there twice and got a number.`,tooLarge:e=>`A chart may have at most ${e} MB.`,notJson:`This file is not JSON.`,preview:`Preview of the chart`,previewTooLarge:`The chart is too large to be drawn; it can be sold all the same.`,areas:`Standing areas`,areaName:`Name`,areaUnits:`Units`,areaCategory:`Category`,addArea:`Add an area`,removeArea:e=>`Remove ${e}`,name:`Name of the event`,currency:`Currency`,status:`At first`,draft:`a draft: nobody sees it`,open:`on sale at once`,submit:`Make the event`,needsPlaces:`An event needs a chart, an area, or both.`},refused:(e,t)=>`${e}: ${t}`},qe={direction:`rtl`,map:e=>`مخطط مقاعد ${e}`,mapHelp:`تنتقل مفاتيح الأسهم من مقعد إلى آخر. مفتاح الإدخال يختار. زائد وناقص للتكبير والتصغير، والصفر يعرض كل شيء.`,stage:`المسرح`,loading:`جارٍ جلب المقاعد…`,zoomIn:`تكبير`,zoomOut:`تصغير`,zoomFit:`عرض كل شيء`,asMap:`مخطط`,asList:`قائمة`,showAs:`طريقة العرض`,categories:`الأسعار`,allCategories:`كل الأسعار`,left:e=>e===0?`نفدت`:`المتبقي: ${e}`,section:`القسم`,row:`الصف`,seat:`المقعد`,area:`أماكن الوقوف`,chooseSection:`اختر قسمًا`,back:`العودة إلى كل الأقسام`,more:e=>`عرض المزيد: ${e}`,seatTitle:(e,t,n)=>`القسم ${e}، الصف ${t}، المقعد ${n}`,accessible:`مكان لكرسي متحرك`,companion:`مقعد مرافق`,restricted:`رؤية محدودة`,status:{free:`متاح`,held:`يشتريه شخص آخر الآن`,sold:`مباع`,blocked:`ليس للبيع`,taken:`غير متاح`},mine:`محجوز لك`,chosen:`مختار`,notSold:`لا يباع هنا`,key:{free:`متاح`,held:`محجوز`,sold:`مباع`,mine:`لك`,accessible:`كرسي متحرك`},yourChoice:`اختيارك`,nothingChosen:`اختر مقاعد من المخطط، أو دعنا نجد لك أفضل المقاعد المتجاورة.`,total:`المجموع`,hold:e=>`احجز لي (العدد: ${e})`,clear:`مسح`,remove:e=>`إزالة ${e}`,ticketTypeFor:e=>`نوع التذكرة لـ ${e}`,quantityFor:e=>`الكمية: ${e}`,fewer:e=>`أقل بواحد: ${e}`,oneMore:e=>`أكثر بواحد: ${e}`,limitReached:e=>`الحد الأقصى للأماكن في المرة الواحدة: ${e}.`,seatGone:(e,t)=>`لم يعد ${e} متاحًا: ${t}. أزيل من اختيارك.`,best:`أفضل المقاعد المتجاورة`,people:`العدد`,upTo:`السعر`,anyPrice:`أي سعر`,priceUpTo:e=>`حتى ${e} للمقعد`,findBest:`ابحث عن مقاعد`,wheelchairOnly:`أماكن الكراسي المتحركة`,apart:`لا يوجد هذا العدد من المقاعد المتجاورة. هل تقبل مقاعد متفرقة؟`,takeApart:`نعم، متفرقة`,live:`مباشر`,lost:`انقطع الاتصال ونحن نعيده. ما تراه قد يكون قديمًا.`,reconnected:`عاد الاتصال. المخطط محدّث.`,busy:`لحظة…`,retry:`حاول مجددًا`,close:`إغلاق`,held:e=>`حُجزت لك أماكن، عددها: ${e}.`,suggestion:e=>`متاح وقريب جدًا: ${e}.`,takeSuggestion:`خذ هذه`,reasons:{held:`يشتريه شخص آخر الآن، وقد يعود`,sold:`مباع`,blocked:`ليس للبيع`,pending:`طلبه شخص آخر في اللحظة نفسها`,unknown:`ليس من أماكن هذا الحدث`},problems:{place_unavailable:`سبقك شخص آخر.`,place_contended:`طلب شخص آخر هذا المكان في اللحظة نفسها. حاول بعد ثانية.`,sold_out:`لم يبقَ ما يكفي لطلبك.`,all_held:`كل الأماكن الباقية محجوزة لآخرين الآن. قد يعود بعضها بعد دقائق.`,not_enough_adjacent:`لا يوجد هذا العدد من المقاعد المتجاورة.`,sale_not_open:`لم يبدأ البيع بعد.`,sale_closed:`انتهى البيع.`,sale_paused:`أوقف المنظم البيع مؤقتًا. اختيارك محفوظ، حاول بعد قليل.`,event_cancelled:`أُلغي هذا الحدث.`,access_required:`هذا البيع لمن لديه رمز دخول.`,hold_expired:`انتهى وقتك، وعادت الأماكن.`,hold_changed:`تغيّرت سلتك في نافذة أخرى. راجعها من فضلك.`,already_confirmed:`لقد اشتريت هذا من قبل.`,not_priced:`هذه التذكرة لا تباع هنا.`,unauthorized:`هذه الصفحة غير مخوّلة بالبيع: مفتاحها ناقص أو خاطئ. أخبر المتجر من فضلك.`,forbidden:`هذه الصفحة غير مخوّلة بذلك. أخبر المتجر من فضلك.`,not_found:`لا يوجد حدث كهذا، أو أنه ليس معروضًا للبيع.`,rate_limited:`طلبات كثيرة دفعة واحدة. انتظر لحظة من فضلك.`,overloaded:`العدد هنا كبير جدًا. لم يحدث شيء: حاول مجددًا من فضلك.`,unavailable:`تعذّر الوصول إلى شباك التذاكر للحظة. لم يحدث شيء: حاول مجددًا من فضلك.`,network:`فشل الاتصال. حاول مجددًا: لن يُشترى شيء مرتين.`,outcome_unknown:`ضاع الجواب. حاول مجددًا: تحصل على ما طلبت مرة واحدة، لا مرتين.`,validation:`لم يفهم شباك التذاكر هذه الصفحة. أخبر المتجر من فضلك.`},problemElse:e=>`لم ينجح ذلك: ${e}`,limitExceeded:e=>`الحد الأقصى للأماكن لكل مشترٍ: ${e}.`,opensAt:e=>`يبدأ البيع في ${e}.`,notOnSale:{draft:`هذا الحدث ليس معروضًا للبيع.`,open:``,paused:`البيع متوقف مؤقتًا.`,closed:`انتهى البيع.`,cancelled:`أُلغي هذا الحدث.`},shop:{title:`التذاكر`,events:`معروض للبيع الآن`,noEvents:`لا شيء معروض للبيع حاليًا.`,from:e=>`من ${e}`,choose:`اختر المقاعد`,allEvents:`كل الأحداث`,basket:`سلتك`,emptyBasket:`لا شيء محجوز لك بعد.`,keptFor:`محجوز لك، الوقت المتبقي`,keptUntil:e=>`محجوز حتى ${e}`,moreTime:`وقت إضافي`,noMoreTime:`لا يمكن حجز الأماكن مدة أطول.`,giveBack:`إعادة كل شيء`,email:`بريدك الإلكتروني`,emailHint:`إليه يُرسل طلبك.`,emailMissing:`أدخل بريدًا إلكترونيًا من فضلك، مثل ada@example.org.`,buy:e=>`اشترِ مقابل ${e}`,buyFree:`اطلب`,demoPayment:`هذا بيع تجريبي: لا تُدفع أي نقود.`,payElsewhere:`يؤكد المتجر طلبك بعد الدفع. تبقى أماكنك محجوزة حتى ذلك الحين.`,lapsed:`انتهى وقتك، وعادت أماكنك إلى الآخرين.`,again:`حاول الحصول على الأماكن نفسها`,someGone:e=>`أخذها آخرون في هذه الأثناء: ${e}.`,order:`طلبك`,thanks:`هذه الأماكن لك.`,orderNumber:`رقم الطلب`,ticket:`المكان`,price:`السعر`,another:`شراء تذاكر أخرى`,orderElsewhere:`اشتُريت هذه الأماكن في نافذة أخرى من هذا المتصفح.`,noKey:`يحتاج هذا الخادم إلى معرفة المتجر.`,noKeyHow:`افتح هذه الصفحة مع مفتاح عام في آخر عنوانها: ?key=pk_…`,wrongKey:`المفتاح في عنوان هذه الصفحة غير صالح.`,places:(e,t)=>`المتاح: ${e} من ${t}`,startsAt:e=>`يبدأ ${e}`,organizers:`للمنظمين`,api:`API`,testSale:`بيع تجريبي`,loading:`لحظة…`}},Je=(e,t,n)=>e===1?t:n,Ye={direction:`ltr`,map:e=>`Saalplan von ${e}`,mapHelp:`Pfeiltasten gehen von Platz zu Platz. Eingabe wählt aus. Plus und Minus ändern die Größe, 0 zeigt alles.`,stage:`Bühne`,loading:`Die Plätze werden geholt …`,zoomIn:`Größer`,zoomOut:`Kleiner`,zoomFit:`Alles zeigen`,asMap:`Plan`,asList:`Liste`,showAs:`Ansicht`,categories:`Preise`,allCategories:`Alle Preise`,left:e=>e===0?`ausverkauft`:`${e} frei`,section:`Block`,row:`Reihe`,seat:`Platz`,area:`Stehplätze`,chooseSection:`Block wählen`,back:`Zurück zu allen Blöcken`,more:e=>`${e} weitere zeigen`,seatTitle:(e,t,n)=>`Block ${e}, Reihe ${t}, Platz ${n}`,accessible:`Rollstuhlplatz`,companion:`Begleitplatz`,restricted:`Sicht eingeschränkt`,status:{free:`frei`,held:`wird gerade gekauft`,sold:`verkauft`,blocked:`nicht im Verkauf`,taken:`nicht verfügbar`},mine:`für Sie zurückgelegt`,chosen:`ausgewählt`,notSold:`hier nicht im Verkauf`,key:{free:`Frei`,held:`Zurückgelegt`,sold:`Verkauft`,mine:`Ihre`,accessible:`Rollstuhl`},yourChoice:`Ihre Auswahl`,nothingChosen:`Wählen Sie Plätze im Plan, oder lassen Sie uns die besten nebeneinander finden.`,total:`Summe`,hold:e=>`${e} ${Je(e,`Platz`,`Plätze`)} zurücklegen`,clear:`Leeren`,remove:e=>`${e} entfernen`,ticketTypeFor:e=>`Karte für ${e}`,quantityFor:e=>`Anzahl für ${e}`,fewer:e=>`Eins weniger: ${e}`,oneMore:e=>`Eins mehr: ${e}`,limitReached:e=>`Höchstens ${e} ${Je(e,`Platz`,`Plätze`)} auf einmal.`,seatGone:(e,t)=>`${e} ist weg: ${t}. Der Platz wurde aus Ihrer Auswahl genommen.`,best:`Die besten Plätze zusammen`,people:`Wie viele`,upTo:`Preis`,anyPrice:`jeder Preis`,priceUpTo:e=>`bis ${e} je Platz`,findBest:`Plätze finden`,wheelchairOnly:`Rollstuhlplätze`,apart:`So viele Plätze nebeneinander gibt es nicht. Auch getrennte Plätze?`,takeApart:`Ja, auch getrennt`,live:`Live`,lost:`Die Verbindung ist unterbrochen und wird neu aufgebaut. Was Sie sehen, kann veraltet sein.`,reconnected:`Wieder verbunden. Der Plan ist aktuell.`,busy:`Einen Moment …`,retry:`Noch einmal`,close:`Schließen`,held:e=>`${e} ${Je(e,`Platz ist`,`Plätze sind`)} für Sie zurückgelegt.`,suggestion:e=>`Frei und ganz in der Nähe: ${e}.`,takeSuggestion:`Diese nehmen`,reasons:{held:`jemand kauft ihn gerade; vielleicht kommt er zurück`,sold:`er ist verkauft`,blocked:`er ist nicht im Verkauf`,pending:`jemand wollte ihn im selben Moment`,unknown:`er gehört nicht zu dieser Veranstaltung`},problems:{place_unavailable:`Jemand war schneller.`,place_contended:`Jemand wollte diesen Platz im selben Moment. Versuchen Sie es gleich noch einmal.`,sold_out:`Es ist nicht mehr genug da, was zu Ihrem Wunsch passt.`,all_held:`Alle übrigen Plätze sind gerade von anderen zurückgelegt. In ein paar Minuten können welche zurückkommen.`,not_enough_adjacent:`So viele Plätze nebeneinander gibt es nicht.`,sale_not_open:`Der Verkauf hat noch nicht begonnen.`,sale_closed:`Der Verkauf ist beendet.`,sale_paused:`Der Veranstalter hat den Verkauf angehalten. Ihre Auswahl bleibt; versuchen Sie es gleich noch einmal.`,event_cancelled:`Die Veranstaltung ist abgesagt.`,access_required:`Dieser Verkauf verlangt einen Zugangscode.`,hold_expired:`Ihre Zeit ist abgelaufen, die Plätze sind wieder frei.`,hold_changed:`Ihr Warenkorb wurde in einem anderen Fenster geändert. Sehen Sie ihn noch einmal an.`,already_confirmed:`Das haben Sie schon gekauft.`,not_priced:`Diese Karte wird hier nicht verkauft.`,unauthorized:`Diese Seite darf nicht verkaufen: ihr Schlüssel fehlt oder ist falsch. Bitte sagen Sie es dem Laden.`,forbidden:`Diese Seite darf das nicht. Bitte sagen Sie es dem Laden.`,not_found:`Diese Veranstaltung gibt es nicht, oder sie ist nicht im Verkauf.`,rate_limited:`Das war viel auf einmal. Bitte warten Sie einen Moment.`,overloaded:`Sehr viele Menschen sind hier. Es ist nichts geschehen: bitte noch einmal.`,unavailable:`Die Kasse ist gerade nicht erreichbar. Es ist nichts geschehen: bitte noch einmal.`,network:`Die Verbindung ist gescheitert. Bitte noch einmal: nichts wird doppelt gekauft.`,outcome_unknown:`Die Antwort ging verloren. Noch einmal: Sie bekommen es einmal, nie doppelt.`,validation:`Die Kasse hat diese Seite nicht verstanden. Bitte sagen Sie es dem Laden.`},problemElse:e=>`Das ging nicht: ${e}`,limitExceeded:e=>`Eine Person kann höchstens ${e} ${Je(e,`Platz`,`Plätze`)} haben.`,opensAt:e=>`Der Verkauf beginnt am ${e}.`,notOnSale:{draft:`Diese Veranstaltung ist nicht im Verkauf.`,open:``,paused:`Der Verkauf ist angehalten.`,closed:`Der Verkauf ist beendet.`,cancelled:`Die Veranstaltung ist abgesagt.`},shop:{title:`Karten`,events:`Jetzt im Verkauf`,noEvents:`Zurzeit ist nichts im Verkauf.`,from:e=>`ab ${e}`,choose:`Plätze wählen`,allEvents:`Alle Veranstaltungen`,basket:`Ihr Warenkorb`,emptyBasket:`Noch ist nichts für Sie zurückgelegt.`,keptFor:`für Sie zurückgelegt, noch`,keptUntil:e=>`zurückgelegt bis ${e}`,moreTime:`Mehr Zeit`,noMoreTime:`Länger können Plätze nicht zurückgelegt werden.`,giveBack:`Alles zurückgeben`,email:`Ihre E-Mail-Adresse`,emailHint:`Dorthin geht Ihre Bestellung.`,emailMissing:`Bitte geben Sie eine E-Mail-Adresse an, etwa ada@example.org.`,buy:e=>`Für ${e} kaufen`,buyFree:`Bestellen`,demoPayment:`Dies ist ein Testverkauf: es fließt kein Geld.`,payElsewhere:`Der Laden bestätigt Ihre Bestellung nach der Zahlung. Bis dahin bleiben die Plätze zurückgelegt.`,lapsed:`Ihre Zeit ist abgelaufen, und Ihre Plätze gingen an die anderen zurück.`,again:`Dieselben Plätze noch einmal versuchen`,someGone:e=>`Inzwischen an andere vergeben: ${e}.`,order:`Ihre Bestellung`,thanks:`Diese Plätze gehören Ihnen.`,orderNumber:`Bestellung`,ticket:`Platz`,price:`Preis`,another:`Weitere Karten kaufen`,orderElsewhere:`Diese Plätze wurden in einem anderen Fenster dieses Browsers gekauft.`,noKey:`Dieser Server muss wissen, welcher Laden das ist.`,noKeyHow:`Öffnen Sie diese Seite mit einem öffentlichen Schlüssel am Ende der Adresse: ?key=pk_…`,wrongKey:`Der Schlüssel in der Adresse dieser Seite ist nicht gültig.`,places:(e,t)=>`${e} von ${t} Plätzen frei`,startsAt:e=>`Beginn ${e}`,organizers:`Für Veranstalter`,api:`API`,testSale:`Testverkauf`,loading:`Einen Moment …`}},Xe=(e,t,n)=>e===1?t:n,Ze={direction:`ltr`,map:e=>`Seat map of ${e}`,mapHelp:`Arrow keys move from seat to seat. Enter chooses. Plus and minus zoom, 0 shows everything.`,stage:`Stage`,loading:`Fetching the seats…`,zoomIn:`Zoom in`,zoomOut:`Zoom out`,zoomFit:`Show everything`,asMap:`Map`,asList:`List`,showAs:`Show as`,categories:`Prices`,allCategories:`All prices`,left:e=>e===0?`sold out`:`${e} left`,section:`Section`,row:`Row`,seat:`Seat`,area:`Standing`,chooseSection:`Choose a section`,back:`Back to all sections`,more:e=>`Show ${e} more`,seatTitle:(e,t,n)=>`Section ${e}, row ${t}, seat ${n}`,accessible:`Wheelchair place`,companion:`Companion seat`,restricted:`Restricted view`,status:{free:`free`,held:`being bought by somebody`,sold:`sold`,blocked:`not for sale`,taken:`not available`},mine:`kept for you`,chosen:`chosen`,notSold:`not sold here`,key:{free:`Free`,held:`Held`,sold:`Sold`,mine:`Yours`,accessible:`Wheelchair`},yourChoice:`Your choice`,nothingChosen:`Choose seats on the map, or let us find the best ones together.`,total:`Total`,hold:e=>`Keep ${e} ${Xe(e,`place`,`places`)} for me`,clear:`Clear`,remove:e=>`Remove ${e}`,ticketTypeFor:e=>`Ticket for ${e}`,quantityFor:e=>`Quantity for ${e}`,fewer:e=>`One fewer: ${e}`,oneMore:e=>`One more: ${e}`,limitReached:e=>`No more than ${e} ${Xe(e,`place`,`places`)} at once.`,seatGone:(e,t)=>`${e} is gone: ${t}. It was taken off your choice.`,best:`Best seats together`,people:`How many`,upTo:`Price`,anyPrice:`any price`,priceUpTo:e=>`up to ${e} each`,findBest:`Find seats`,wheelchairOnly:`Wheelchair places`,apart:`There are not so many side by side. Take seats apart from each other?`,takeApart:`Yes, apart is fine`,live:`Live`,lost:`The connection is lost. We are reconnecting; what you see may be out of date.`,reconnected:`Connected again. The map is up to date.`,busy:`One moment…`,retry:`Try again`,close:`Close`,held:e=>`${e} ${Xe(e,`place is`,`places are`)} kept for you.`,suggestion:e=>`${e} ${e.includes(`,`)?`are`:`is`} free, close by.`,takeSuggestion:`Take these`,reasons:{held:`somebody is buying it just now; it may come back`,sold:`it is sold`,blocked:`it is not for sale`,pending:`somebody asked for it at the same moment`,unknown:`it is not a place of this event`},problems:{place_unavailable:`Somebody was faster.`,place_contended:`Somebody asked for this place at the same moment. Try again in a second.`,sold_out:`There is not enough left that fits your wish.`,all_held:`All remaining places are held by others just now. Some may come back in a few minutes.`,not_enough_adjacent:`There are not so many seats side by side.`,sale_not_open:`The sale has not begun.`,sale_closed:`The sale is over.`,sale_paused:`The organizer has paused the sale. Your choice is kept; try again in a moment.`,event_cancelled:`This event was cancelled.`,access_required:`This sale is for holders of an access code.`,hold_expired:`Your time ran out, and the places went back.`,hold_changed:`Your basket was changed in another window. Look at it once more.`,already_confirmed:`You have bought this already.`,not_priced:`This ticket is not sold here.`,unauthorized:`This page is not allowed to sell: its key is missing or wrong. Please tell the shop.`,forbidden:`This page is not allowed to do that. Please tell the shop.`,not_found:`There is no such event, or it is not on sale.`,rate_limited:`That was a lot at once. Please wait a moment.`,overloaded:`Very many people are here. Nothing happened: please try again.`,unavailable:`The box office cannot be reached for a moment. Nothing happened: please try again.`,network:`The connection failed. Please try again: nothing is ever bought twice.`,outcome_unknown:`The answer was lost. Try again: you get what you asked for once, never twice.`,validation:`The box office did not understand this page. Please tell the shop.`},problemElse:e=>`That did not work: ${e}`,limitExceeded:e=>`One buyer may have no more than ${e} ${Xe(e,`place`,`places`)}.`,opensAt:e=>`The sale begins on ${e}.`,notOnSale:{draft:`This event is not on sale.`,open:``,paused:`The sale is paused.`,closed:`The sale is over.`,cancelled:`This event was cancelled.`},shop:{title:`Tickets`,events:`On sale now`,noEvents:`Nothing is on sale at the moment.`,from:e=>`from ${e}`,choose:`Choose seats`,allEvents:`All events`,basket:`Your basket`,emptyBasket:`Nothing is kept for you yet.`,keptFor:`kept for you for`,keptUntil:e=>`kept until ${e}`,moreTime:`More time`,noMoreTime:`This is as long as places can be kept.`,giveBack:`Give everything back`,email:`Your e-mail address`,emailHint:`Your order goes there.`,emailMissing:`Please enter an e-mail address, such as ada@example.org.`,buy:e=>`Buy for ${e}`,buyFree:`Order`,demoPayment:`This is a test sale: no money moves.`,payElsewhere:`The shop confirms your order after payment. Your places are kept until then.`,lapsed:`Your time ran out, and your places went back to the others.`,again:`Try to get the same places again`,someGone:e=>`Meanwhile taken by others: ${e}.`,order:`Your order`,thanks:`These places are yours.`,orderNumber:`Order`,ticket:`Place`,price:`Price`,another:`Buy more tickets`,orderElsewhere:`These places were bought in another window of this browser.`,noKey:`This server needs to know which shop this is.`,noKeyHow:`Open this page with a publishable key at the end of its address: ?key=pk_…`,wrongKey:`The key in this page’s address is not valid.`,places:(e,t)=>`${e} of ${t} places left`,startsAt:e=>`Begins ${e}`,organizers:`For organizers`,api:`API`,testSale:`Test sale`,loading:`One moment…`}},Qe={en:Ze,de:Ye,ar:qe};function $e(...e){for(let t of e){if(!t)continue;let e=t.toLowerCase().split(`-`)[0]??``,n=Object.hasOwn(Qe,e)?Qe[e]:void 0;if(n)return{texts:n,language:et(t)?t:e}}return{texts:Ze,language:`en`}}function et(e){try{return Intl.getCanonicalLocales(e).length>0}catch{return!1}}function tt(e,t,n){let{body:r}=e;if(r.code===`limit_exceeded`&&r.max!==void 0)return t.limitExceeded(r.max);if(r.code===`sale_not_open`&&r.opens_at)return`${t.problems.sale_not_open} ${t.opensAt(nt(r.opens_at,n))}`;let i=Object.hasOwn(t.problems,r.code)?t.problems[r.code]:void 0,a=Object.entries(r.reasons??{}).slice(0,4),o=i??t.problemElse(r.title);return a.length===0?o:`${o} ${a.map(([e,n])=>`${e}: ${t.reasons[n]??n}.`).join(` `)}`}function nt(e,t){return at(e,t,{dateStyle:`full`,timeStyle:`short`})}function rt(e,t){return at(e,t,{dateStyle:`short`,timeStyle:`medium`})}function it(e,t){return at(e,t,{timeStyle:`medium`})}function at(e,t,n){let r=new Date(e);return Number.isNaN(r.getTime())?e:new Intl.DateTimeFormat(t,n).format(r)}var ot={en:Ke,de:We};function st(...e){let{texts:t,language:n}=$e(...e),r=ot[n.toLowerCase().split(`-`)[0]??``];return r?{texts:r,language:n,direction:t.direction}:{texts:Ke,language:`en`,direction:`ltr`}}var ct=[`network`,`outcome_unknown`,`unavailable`,`overloaded`,`chart_too_large`];function H(e,{language:t,texts:n}){let{pointer:r,reason:i,detail:a,title:o}=e.body;return ct.includes(e.code)?tt(e,$e(t).texts,t):r!==void 0&&i!==void 0?n.refused(r,i):a||o}var lt=1,ut=5;function dt(e,t,n){let r=[],i=e.slice(-60),a=e.at(-1),o=e=>i.some(t=>e(t)>0);return t===`down`&&r.push(`down`),t===`unready`&&r.push(`unready`),(n===`lost`||n===`failed`)&&r.push(`feedLost`),o(e=>e.storeFailures)&&r.push(`storeFailures`),o(e=>e.reloads)&&r.push(`reloads`),o(e=>e.shed)&&r.push(`shed`),e.slice(-10).filter(e=>(e.p99??0)>=lt).length>=ut&&r.push(`slow`),a?.isGateBypassed&&r.push(`gateBypassed`),(a?.poolWaiting??0)>0&&r.push(`poolWaiting`),r}function ft(e){return e.free+e.held+e.sold+e.blocked}function pt(e,t){let n=Math.max(1,ft(e)),r=0,i=t=>{let i=e[t]/n*1e3,a=ce`<rect class=${t} x=${r} y="0" width=${i} height="10" />`;return r+=i,a};return R`<div class="bar"><svg viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label=${t}>${i(`sold`)}${i(`held`)}${i(`blocked`)}</svg></div>`}var mt=!0,ht=`uplot`,gt=`u-hz`,_t=`u-vt`,vt=`u-title`,yt=`u-wrap`,bt=`u-under`,xt=`u-over`,St=`u-axis`,Ct=`u-off`,wt=`u-select`,Tt=`u-cursor-x`,Et=`u-cursor-y`,Dt=`u-cursor-pt`,Ot=`u-legend`,kt=`u-live`,At=`u-inline`,jt=`u-series`,Mt=`u-marker`,Nt=`u-label`,Pt=`u-value`,Ft=`width`,It=`height`,Lt=`top`,Rt=`bottom`,zt=`left`,Bt=`right`,Vt=`#000`,Ht=`#0000`,Ut=`mousemove`,Wt=`mousedown`,Gt=`mouseup`,Kt=`mouseenter`,qt=`mouseleave`,Jt=`dblclick`,Yt=`resize`,Xt=`scroll`,Zt=`change`,Qt=`dppxchange`,$t=`--`,en=typeof window<`u`,tn=en?document:null,nn=en?window:null,rn=en?navigator:null,U,an;function on(){let e=devicePixelRatio;U!=e&&(U=e,an&&bn(Zt,an,on),an=matchMedia(`(min-resolution: ${U-.001}dppx) and (max-resolution: ${U+.001}dppx)`),yn(Zt,an,on),nn.dispatchEvent(new CustomEvent(Qt)))}function sn(e,t){if(t!=null){let n=e.classList;!n.contains(t)&&n.add(t)}}function cn(e,t){let n=e.classList;n.contains(t)&&n.remove(t)}function W(e,t,n){e.style[t]=n+`px`}function ln(e,t,n,r){let i=tn.createElement(e);return t!=null&&sn(i,t),n?.insertBefore(i,r),i}function un(e,t){return ln(`div`,e,t)}var dn=new WeakMap;function fn(e,t,n,r,i){let a=`translate(`+t+`px,`+n+`px)`;a!=dn.get(e)&&(e.style.transform=a,dn.set(e,a),t<0||n<0||t>r||n>i?sn(e,Ct):cn(e,Ct))}var pn=new WeakMap;function mn(e,t,n){let r=t+n;r!=pn.get(e)&&(pn.set(e,r),e.style.background=t,e.style.borderColor=n)}var hn=new WeakMap;function gn(e,t,n,r){let i=t+``+n;i!=hn.get(e)&&(hn.set(e,i),e.style.height=n+`px`,e.style.width=t+`px`,e.style.marginLeft=r?-t/2+`px`:0,e.style.marginTop=r?-n/2+`px`:0)}var _n={passive:!0},vn={..._n,capture:!0};function yn(e,t,n,r){t.addEventListener(e,n,r?vn:_n)}function bn(e,t,n,r){t.removeEventListener(e,n,_n)}en&&on();function xn(e,t,n,r){let i;n||=0,r||=t.length-1;let a=r<=2147483647;for(;r-n>1;)i=a?n+r>>1:Hn((n+r)/2),t[i]<e?n=i:r=i;return e-t[n]<=t[r]-e?n:r}function Sn(e){return(t,n,r)=>{let i=-1,a=-1;for(let a=n;a<=r;a++)if(e(t[a])){i=a;break}for(let i=r;i>=n;i--)if(e(t[i])){a=i;break}return[i,a]}}var Cn=e=>e!=null,wn=e=>e!=null&&e>0,Tn=Sn(Cn),En=Sn(wn);function Dn(e,t,n,r=0,i=!1){let a=i?En:Tn,o=i?wn:Cn;[t,n]=a(e,t,n);let s=e[t],c=e[t];if(t>-1){if(r==1)s=e[t],c=e[n];else if(r==-1)s=e[n],c=e[t];else for(let r=t;r<=n;r++){let t=e[r];o(t)&&(t<s?s=t:t>c&&(c=t))}}return[s??K,c??-K]}function On(e,t,n,r){let i=Jn(e),a=Jn(t);e==t&&(i==-1?(e*=n,t/=n):(e/=n,t*=n));let o=n==10?Yn:Xn,s=i==1?Hn:Wn,c=a==1?Wn:Hn,l=s(o(Vn(e))),u=c(o(Vn(t))),d=qn(n,l),f=qn(n,u);return n==10&&(l<0&&(d=J(d,-l)),u<0&&(f=J(f,-u))),r||n==2?(e=d*i,t=f*a):(e=fr(e,d),t=dr(t,f)),[e,t]}function kn(e,t,n,r){let i=On(e,t,n,r);return e==0&&(i[0]=0),t==0&&(i[1]=0),i}var An=.1,jn={mode:3,pad:An},Mn={pad:0,soft:null,mode:0},Nn={min:Mn,max:Mn};function Pn(e,t,n,r){return Cr(n)?In(e,t,n):(Mn.pad=n,Mn.soft=r?0:null,Mn.mode=r?3:0,In(e,t,Nn))}function G(e,t){return e??t}function Fn(e,t,n){for(t=G(t,0),n=G(n,e.length-1);t<=n;){if(e[t]!=null)return!0;t++}return!1}function In(e,t,n){let r=n.min,i=n.max,a=G(r.pad,0),o=G(i.pad,0),s=G(r.hard,-K),c=G(i.hard,K),l=G(r.soft,K),u=G(i.soft,-K),d=G(r.mode,0),f=G(i.mode,0),p=t-e,m=Yn(p),h=Kn(Vn(e),Vn(t)),g=Vn(Yn(h)-m);(p<1e-24||g>10)&&(p=0,(e==0||t==0)&&(p=1e-24,d==2&&l!=K&&(a=0),f==2&&u!=-K&&(o=0)));let _=p||h||1e3,v=qn(10,Hn(Yn(_))),y=J(fr(e-_*(p==0?e==0?.1:1:a),v/10),24),b=e>=l&&(d==1||d==3&&y<=l||d==2&&y>=l)?l:K,x=Kn(s,y<b&&e>=b?b:Gn(b,y)),S=J(dr(t+_*(p==0?t==0?.1:1:o),v/10),24),C=t<=u&&(f==1||f==3&&S>=u||f==2&&S<=u)?u:-K,w=Gn(c,S>C&&t<=C?C:Kn(C,S));return x==w&&x==0&&(w=100),[x,w]}var Ln=new Intl.NumberFormat(en?rn.language:`en-US`),Rn=e=>Ln.format(e),zn=Math,Bn=zn.PI,Vn=zn.abs,Hn=zn.floor,Un=zn.round,Wn=zn.ceil,Gn=zn.min,Kn=zn.max,qn=zn.pow,Jn=zn.sign,Yn=zn.log10,Xn=zn.log2,Zn=(e,t=1)=>zn.sinh(e)*t,Qn=(e,t=1)=>zn.asinh(e/t),K=1/0;function $n(e){return(Yn((e^e>>31)-(e>>31))|0)+1}function er(e,t,n){return Gn(Kn(e,t),n)}function tr(e){return typeof e==`function`}function q(e){return tr(e)?e:()=>e}var nr=()=>{},rr=e=>e,ir=(e,t)=>t,ar=e=>null,or=e=>!0,sr=(e,t)=>e==t,cr=/\.\d*?(?=9{6,}|0{6,})/gm,lr=e=>{if(br(e)||pr.has(e))return e;let t=`${e}`,n=t.match(cr);if(n==null)return e;let r=n[0].length-1;if(t.indexOf(`e-`)!=-1){let[e,n]=t.split(`e`);return+`${lr(e)}e${n}`}return J(e,r)};function ur(e,t){return lr(J(lr(e/t))*t)}function dr(e,t){return lr(Wn(lr(e/t))*t)}function fr(e,t){return lr(Hn(lr(e/t))*t)}function J(e,t=0){if(br(e))return e;let n=10**t;return Un(e*n*(1+2**-52))/n}var pr=new Map;function mr(e){return((``+e).split(`.`)[1]||``).length}function hr(e,t,n,r){let i=[],a=r.map(mr);for(let o=t;o<n;o++){let t=Vn(o),n=J(qn(e,o),t);for(let s=0;s<r.length;s++){let c=e==10?+`${r[s]}e${o}`:r[s]*n,l=(o>=0?0:t)+(o>=a[s]?0:a[s]),u=e==10?c:J(c,l);i.push(u),pr.set(u,l)}}return i}var gr={},_r=[],vr=[null,null],yr=Array.isArray,br=Number.isInteger,xr=e=>e===void 0;function Sr(e){return typeof e==`string`}function Cr(e){let t=!1;if(e!=null){let n=e.constructor;t=n==null||n==Object}return t}function wr(e){return typeof e==`object`&&!!e}var Tr=Object.getPrototypeOf(Uint8Array),Er=`__proto__`;function Dr(e,t=Cr){let n;if(yr(e)){let r=e.find(e=>e!=null);if(yr(r)||t(r)){n=Array(e.length);for(let r=0;r<e.length;r++)n[r]=Dr(e[r],t)}else n=e.slice()}else if(e instanceof Tr)n=e.slice();else if(t(e)){n={};for(let r in e)r!=Er&&(n[r]=Dr(e[r],t))}else n=e;return n}function Or(e){let t=arguments;for(let n=1;n<t.length;n++){let r=t[n];for(let t in r)t!=Er&&(Cr(e[t])?Or(e[t],Dr(r[t])):e[t]=Dr(r[t]))}return e}var kr=0,Ar=1,jr=2;function Mr(e,t,n){for(let r=0,i,a=-1;r<t.length;r++){let o=t[r];if(o>a){for(i=o-1;i>=0&&e[i]==null;)e[i--]=null;for(i=o+1;i<n&&e[i]==null;)e[a=i++]=null}}}function Nr(e,t){if(Y(e)){let t=e[0].slice();for(let n=1;n<e.length;n++)t.push(...e[n].slice(1));return X(t[0])||(t=Fr(t)),t}let n=new Set;for(let t=0;t<e.length;t++){let r=e[t][0],i=r.length;for(let e=0;e<i;e++)n.add(r[e])}let r=[Array.from(n).sort((e,t)=>e-t)],i=r[0].length,a=new Map;for(let e=0;e<i;e++)a.set(r[0][e],e);for(let n=0;n<e.length;n++){let o=e[n],s=o[0];for(let e=1;e<o.length;e++){let c=o[e],l=Array(i).fill(void 0),u=t?t[n][e]:Ar,d=[];for(let e=0;e<c.length;e++){let t=c[e],n=a.get(s[e]);t===null?u!=kr&&(l[n]=t,u==jr&&d.push(n)):l[n]=t}Mr(l,d,i),r.push(l)}}return r}var Pr=typeof queueMicrotask>`u`?e=>Promise.resolve().then(e):queueMicrotask;function Fr(e){let t=e[0],n=t.length,r=Array(n);for(let e=0;e<r.length;e++)r[e]=e;r.sort((e,n)=>t[e]-t[n]);let i=[];for(let t=0;t<e.length;t++){let a=e[t],o=Array(n);for(let e=0;e<n;e++)o[e]=a[r[e]];i.push(o)}return i}function Y(e){let t=e[0][0],n=t.length;for(let r=1;r<e.length;r++){let i=e[r][0];if(i.length!=n)return!1;if(i!=t){for(let e=0;e<n;e++)if(i[e]!=t[e])return!1}}return!0}function X(e,t=100){let n=e.length;if(n<=1)return!0;let r=0,i=n-1;for(;r<=i&&e[r]==null;)r++;for(;i>=r&&e[i]==null;)i--;if(i<=r)return!0;let a=Kn(1,Hn((i-r+1)/t));for(let t=e[r],n=r+a;n<=i;n+=a){let r=e[n];if(r!=null){if(r<=t)return!1;t=r}}return!0}var Ir=[`January`,`February`,`March`,`April`,`May`,`June`,`July`,`August`,`September`,`October`,`November`,`December`],Lr=[`Sunday`,`Monday`,`Tuesday`,`Wednesday`,`Thursday`,`Friday`,`Saturday`];function Rr(e){return e.slice(0,3)}var zr=Lr.map(Rr),Z={MMMM:Ir,MMM:Ir.map(Rr),WWWW:Lr,WWW:zr};function Br(e){return(e<10?`0`:``)+e}function Vr(e){return(e<10?`00`:e<100?`0`:``)+e}var Hr={YYYY:e=>e.getFullYear(),YY:e=>(e.getFullYear()+``).slice(2),MMMM:(e,t)=>t.MMMM[e.getMonth()],MMM:(e,t)=>t.MMM[e.getMonth()],MM:e=>Br(e.getMonth()+1),M:e=>e.getMonth()+1,DD:e=>Br(e.getDate()),D:e=>e.getDate(),WWWW:(e,t)=>t.WWWW[e.getDay()],WWW:(e,t)=>t.WWW[e.getDay()],HH:e=>Br(e.getHours()),H:e=>e.getHours(),h:e=>{let t=e.getHours();return t==0?12:t>12?t-12:t},AA:e=>e.getHours()>=12?`PM`:`AM`,aa:e=>e.getHours()>=12?`pm`:`am`,a:e=>e.getHours()>=12?`p`:`a`,mm:e=>Br(e.getMinutes()),m:e=>e.getMinutes(),ss:e=>Br(e.getSeconds()),s:e=>e.getSeconds(),fff:e=>Vr(e.getMilliseconds())};function Ur(e,t){t||=Z;let n=[],r=/\{([a-z]+)\}|[^{]+/gi,i;for(;i=r.exec(e);)n.push(i[0][0]==`{`?Hr[i[1]]:i[0]);return e=>{let r=``;for(let i=0;i<n.length;i++)r+=typeof n[i]==`string`?n[i]:n[i](e,t);return r}}var Wr=new Intl.DateTimeFormat().resolvedOptions().timeZone;function Gr(e,t){let n;return t==`UTC`||t==`Etc/UTC`?n=new Date(+e+e.getTimezoneOffset()*6e4):t==Wr?n=e:(n=new Date(e.toLocaleString(`en-US`,{timeZone:t})),n.setMilliseconds(e.getMilliseconds())),n}var Kr=e=>e%1==0,qr=[1,2,2.5,5],Jr=hr(10,-32,0,qr),Yr=hr(10,0,32,qr),Xr=Yr.filter(Kr),Zr=Jr.concat(Yr),Qr=`
`,$r=`{YYYY}`,ei=Qr+$r,ti=`{M}/{D}`,ni=Qr+ti,ri=ni+`/{YY}`,ii=`{aa}`,ai=`{h}:{mm}`+ii,oi=Qr+ai,si=`:{ss}`,Q=null;function ci(e){let t=e*1e3,n=t*60,r=n*60,i=r*24,a=i*30,o=i*365,s=(e==1?hr(10,0,3,qr).filter(Kr):hr(10,-3,0,qr)).concat([t,t*5,t*10,t*15,t*30,n,n*5,n*10,n*15,n*30,r,r*2,r*3,r*4,r*6,r*8,r*12,i,i*2,i*3,i*4,i*5,i*6,i*7,i*8,i*9,i*10,i*15,a,a*2,a*3,a*4,a*6,o,o*2,o*5,o*10,o*25,o*50,o*100]),c=[[o,$r,Q,Q,Q,Q,Q,Q,1],[i*28,`{MMM}`,ei,Q,Q,Q,Q,Q,1],[i,ti,ei,Q,Q,Q,Q,Q,1],[r,`{h}`+ii,ri,Q,ni,Q,Q,Q,1],[n,ai,ri,Q,ni,Q,Q,Q,1],[t,si,ri+` `+ai,Q,ni+` `+ai,Q,oi,Q,1],[e,si+`.{fff}`,ri+` `+ai,Q,ni+` `+ai,Q,oi,Q,1]];function l(t){return(s,c,l,u,d,f)=>{let p=[],m=d>=o,h=d>=a&&d<o,g=t(l),_=J(g*e,3),v=vi(g.getFullYear(),m?0:g.getMonth(),h||m?1:g.getDate()),y=J(v*e,3);if(h||m){let n=h?d/a:0,r=m?d/o:0,i=_==y?_:J(vi(v.getFullYear()+r,v.getMonth()+n,1)*e,3),s=new Date(Un(i/e)),c=s.getFullYear(),l=s.getMonth();for(let a=0;i<=u;a++){let o=vi(c+r*a,l+n*a,1),s=o-t(J(o*e,3));i=J((+o+s)*e,3),i<=u&&p.push(i)}}else{let a=d>=i?i:d,o=y+(Hn(l)-Hn(_))+dr(_-y,a);p.push(o);let m=t(o),h=m.getHours()+m.getMinutes()/n+m.getSeconds()/r,g=d/r,v=f/s.axes[c]._space;for(;o=J(o+d,e==1?0:3),!(o>u);)if(g>1){let e=Hn(J(h+g,6))%24,n=t(o).getHours()-e;n>1&&(n=-1),o-=n*r,h=(h+g)%24;let i=p[p.length-1];J((o-i)/d,3)*v>=.7&&p.push(o)}else p.push(o)}return p}}return[s,c,l]}var[li,ui,di]=ci(1),[fi,pi,mi]=ci(.001);hr(2,-53,53,[1]);function hi(e,t){return e.map(e=>e.map((n,r)=>r==0||r==8||n==null?n:t(r==1||e[8]==0?n:e[1]+n)))}function gi(e,t){return(n,r,i,a,o)=>{let s=t.find(e=>o>=e[0])||t[t.length-1],c,l,u,d,f,p;return r.map(t=>{let n=e(t),r=n.getFullYear(),i=n.getMonth(),a=n.getDate(),o=n.getHours(),m=n.getMinutes(),h=n.getSeconds(),g=r!=c&&s[2]||i!=l&&s[3]||a!=u&&s[4]||o!=d&&s[5]||m!=f&&s[6]||h!=p&&s[7]||s[1];return c=r,l=i,u=a,d=o,f=m,p=h,g(n)})}}function _i(e,t){let n=Ur(t);return(t,r,i,a,o)=>r.map(t=>n(e(t)))}function vi(e,t,n){return new Date(e,t,n)}function yi(e,t){return t(e)}var bi=`{YYYY}-{MM}-{DD} {h}:{mm}{aa}`;function xi(e,t){return(n,r,i,a)=>a==null?$t:t(e(r))}function Si(e,t){let n=e.series[t];return n.width?n.stroke(e,t):n.points.width?n.points.stroke(e,t):null}function Ci(e,t){return e.series[t].fill(e,t)}var wi={show:!0,live:!0,isolate:!1,mount:nr,markers:{show:!0,width:2,stroke:Si,fill:Ci,dash:`solid`},idx:null,idxs:null,values:[]};function Ti(e,t){let n=e.cursor.points,r=un(),i=n.size(e,t);W(r,Ft,i),W(r,It,i);let a=i/-2;W(r,`marginLeft`,a),W(r,`marginTop`,a);let o=n.width(e,t,i);return o&&W(r,`borderWidth`,o),r}function Ei(e,t){let n=e.series[t].points;return n._fill||n._stroke}function Di(e,t){let n=e.series[t].points;return n._stroke||n._fill}function Oi(e,t){return e.series[t].points.size}var ki=[0,0];function Ai(e,t,n){return ki[0]=t,ki[1]=n,ki}function ji(e,t,n,r=!0){return e=>{e.button!=0||r&&e.target!=t||n(e)}}function Mi(e,t,n,r=!0){return e=>{r&&e.target!=t||n(e)}}var Ni={show:!0,x:!0,y:!0,lock:!1,move:Ai,points:{one:!1,show:Ti,size:Oi,width:0,stroke:Di,fill:Ei},bind:{mousedown:ji,mouseup:ji,click:ji,dblclick:ji,mousemove:Mi,mouseleave:Mi,mouseenter:Mi},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(e,t)=>{t.stopPropagation(),t.stopImmediatePropagation()},_x:!1,_y:!1},focus:{dist:(e,t,n,r,i)=>r-i,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},Pi={show:!0,stroke:`rgba(0,0,0,0.07)`,width:2},Fi=Or({},Pi,{filter:ir}),Ii=Or({},Fi,{size:10}),Li=Or({},Pi,{show:!1}),Ri=`12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"`,zi=`bold `+Ri,Bi=1.5,Vi={show:!0,scale:`x`,stroke:Vt,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:zi,side:2,grid:Fi,ticks:Ii,border:Li,font:Ri,lineGap:Bi,rotate:0},Hi=`Value`,Ui=`Time`,Wi={show:!0,scale:`x`,auto:!1,sorted:1,min:K,max:-1/0,idxs:[]};function Gi(e,t,n,r,i){return t.map(e=>e==null?``:Rn(e))}function Ki(e,t,n,r,i,a,o){let s=[],c=pr.get(i)||0;n=o?n:J(dr(n,i),c);for(let e=n;e<=r;e=J(e+i,c))s.push(Object.is(e,-0)?0:e);return s}function qi(e,t,n,r,i,a,o){let s=[],c=e.scales[e.axes[t].scale].log;i=qn(c,Hn((c==10?Yn:Xn)(n))),c==10&&(i=Zr[xn(i,Zr)]);let l=n,u=i*c;c==10&&(u=Zr[xn(u,Zr)]);do s.push(l),l+=i,c==10&&!pr.has(l)&&(l=J(l,pr.get(i))),l>=u&&(i=l,u=i*c,c==10&&(u=Zr[xn(u,Zr)]));while(l<=r);return s}function Ji(e,t,n,r,i,a,o){let s=e.scales[e.axes[t].scale].asinh,c=r>s?qi(e,t,Kn(s,n),r,i):[s],l=r>=0&&n<=0?[0]:[];return(n<-s?qi(e,t,Kn(s,-r),-n,i):[s]).reverse().map(e=>-e).concat(l,c)}var Yi=/./,Xi=/[12357]/,Zi=/[125]/,Qi=/1/,$=(e,t,n,r)=>e.map((e,i)=>t==4&&e==0||i%r==0&&n.test(e.toExponential()[+(e<0)])?e:null);function $i(e,t,n,r,i){let a=e.axes[n],o=a.scale,s=e.scales[o],c=e.valToPos,l=a._space,u=c(10,o),d=c(9,o)-u>=l?Yi:c(7,o)-u>=l?Xi:c(5,o)-u>=l?Zi:Qi;if(d==Qi){let e=Vn(c(1,o)-u);if(e<l)return $(t.slice().reverse(),s.distr,d,Wn(l/e)).reverse()}return $(t,s.distr,d,1)}function ea(e,t,n,r,i){let a=e.axes[n],o=a.scale,s=a._space,c=e.valToPos,l=Vn(c(1,o)-c(2,o));return l<s?$(t.slice().reverse(),3,Yi,Wn(s/l)).reverse():t}function ta(e,t,n,r){return r==null?$t:t==null?``:Rn(t)}var na={show:!0,scale:`y`,stroke:Vt,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:zi,side:3,grid:Fi,ticks:Ii,border:Li,font:Ri,lineGap:Bi,rotate:0};function ra(e,t){return J((3+(e||1)*2)*t,3)}function ia(e,t){let{scale:n,idxs:r}=e.series[0],i=e._data[0],a=e.valToPos(i[r[0]],n,!0),o=Vn(e.valToPos(i[r[1]],n,!0)-a)/(e.series[t].points.space*U);return r[1]-r[0]<=o}var aa={scale:null,auto:!0,sorted:0,min:K,max:-1/0},oa=(e,t,n,r,i)=>i,sa={show:!0,auto:!0,sorted:0,gaps:oa,alpha:1,facets:[Or({},aa,{scale:`x`}),Or({},aa,{scale:`y`})]},ca={scale:`y`,auto:!0,sorted:0,show:!0,spanGaps:!1,gaps:oa,alpha:1,points:{show:ia,filter:null},values:null,min:K,max:-1/0,idxs:[],path:null,clip:null};function la(e,t,n,r,i){return n/10}var ua={time:mt,auto:!0,distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},da=Or({},ua,{time:!1,ori:1}),fa={};function pa(e,t){let n=fa[e];return n||(n={key:e,plots:[],sub(e){n.plots.push(e)},unsub(e){n.plots=n.plots.filter(t=>t!=e)},pub(e,t,r,i,a,o,s){for(let c=0;c<n.plots.length;c++)n.plots[c]!=t&&n.plots[c].pub(e,t,r,i,a,o,s)}},e!=null&&(fa[e]=n)),n}var ma=1,ha=2;function ga(e,t,n){let r=e.mode,i=e.series[t],a=r==2?e._data[t]:e._data,o=e.scales,s=e.bbox,c=a[0],l=r==2?a[1]:a[t],u=r==2?o[i.facets[0].scale]:o[e.series[0].scale],d=r==2?o[i.facets[1].scale]:o[i.scale],f=s.left,p=s.top,m=s.width,h=s.height,g=e.valToPosH,_=e.valToPosV;return u.ori==0?n(i,c,l,u,d,g,_,f,p,m,h,Ta,Da,ka,ja,Na):n(i,c,l,u,d,_,g,p,f,h,m,Ea,Oa,Aa,Ma,Pa)}function _a(e,t){let n=0,r=0,i=G(e.bands,_r);for(let e=0;e<i.length;e++){let a=i[e];a.series[0]==t?n=a.dir:a.series[1]==t&&(a.dir==1?r|=1:r|=2)}return[n,r==1?-1:r==2?1:r==3?2:0]}function va(e,t,n,r,i){let a=e.mode,o=e.series[t],s=a==2?o.facets[1].scale:o.scale,c=e.scales[s];return i==-1?c.min:i==1?c.max:c.distr==3?c.dir==1?c.min:c.max:0}function ya(e,t,n,r,i,a){return ga(e,t,(e,t,o,s,c,l,u,d,f,p,m)=>{let h=e.pxRound,g=s.dir*(s.ori==0?1:-1),_=s.ori==0?Da:Oa,v,y;g==1?(v=n,y=r):(v=r,y=n);let b=h(l(t[v],s,p,d)),x=h(u(o[v],c,m,f)),S=h(l(t[y],s,p,d)),C=h(u(a==1?c.max:c.min,c,m,f)),w=new Path2D(i);return _(w,S,C),_(w,b,C),_(w,b,x),w})}function ba(e,t,n,r,i,a){let o=null;if(e.length>0){o=new Path2D;let s=t==0?ka:Aa,c=n;for(let t=0;t<e.length;t++){let n=e[t];if(n[1]>n[0]){let e=n[0]-c;e>0&&s(o,c,r,e,r+a),c=n[1]}}let l=n+i-c;l>0&&s(o,c,r-5,l,r+a+10)}return o}function xa(e,t,n){let r=e[e.length-1];r&&r[0]==t?r[1]=n:e.push([t,n])}function Sa(e,t,n,r,i,a,o){let s=[],c=e.length;for(let l=i==1?n:r;l>=n&&l<=r;l+=i)if(t[l]===null){let u=l,d=l;if(i==1)for(;++l<=r&&t[l]===null;)d=l;else for(;--l>=n&&t[l]===null;)d=l;let f=a(e[u]),p=d==u?f:a(e[d]),m=u-i;f=o<=0&&m>=0&&m<c?a(e[m]):f;let h=d+i;p=o>=0&&h>=0&&h<c?a(e[h]):p,p>=f&&s.push([f,p])}return s}function Ca(e){return e==0?rr:e==1?Un:t=>ur(t,e)}function wa(e){let t=e==0?Ta:Ea,n=e==0?(e,t,n,r,i,a)=>{e.arcTo(t,n,r,i,a)}:(e,t,n,r,i,a)=>{e.arcTo(n,t,i,r,a)},r=e==0?(e,t,n,r,i)=>{e.rect(t,n,r,i)}:(e,t,n,r,i)=>{e.rect(n,t,i,r)};return(e,i,a,o,s,c=0,l=0)=>{c==0&&l==0?r(e,i,a,o,s):(c=Gn(c,o/2,s/2),l=Gn(l,o/2,s/2),t(e,i+c,a),n(e,i+o,a,i+o,a+s,c),n(e,i+o,a+s,i,a+s,l),n(e,i,a+s,i,a,l),n(e,i,a,i+o,a,c),e.closePath())}}var Ta=(e,t,n)=>{e.moveTo(t,n)},Ea=(e,t,n)=>{e.moveTo(n,t)},Da=(e,t,n)=>{e.lineTo(t,n)},Oa=(e,t,n)=>{e.lineTo(n,t)},ka=wa(0),Aa=wa(1),ja=(e,t,n,r,i,a)=>{e.arc(t,n,r,i,a)},Ma=(e,t,n,r,i,a)=>{e.arc(n,t,r,i,a)},Na=(e,t,n,r,i,a,o)=>{e.bezierCurveTo(t,n,r,i,a,o)},Pa=(e,t,n,r,i,a,o)=>{e.bezierCurveTo(n,t,i,r,o,a)};function Fa(e){return(e,t,n,r,i)=>ga(e,t,(t,a,o,s,c,l,u,d,f,p,m)=>{let{pxRound:h,points:g}=t,_,v;s.ori==0?(_=Ta,v=ja):(_=Ea,v=Ma);let y=J(g.width*U,3),b=(g.size-g.width)/2*U,x=J(b*2,3),S=new Path2D,C=new Path2D,{left:w,top:T,width:E,height:D}=e.bbox;ka(C,w-x,T-x,E+x*2,D+x*2);let O=e=>{if(o[e]!=null){let t=h(l(a[e],s,p,d)),n=h(u(o[e],c,m,f));_(S,t+b,n),v(S,t,n,b,0,Bn*2)}};if(i)i.forEach(O);else for(let e=n;e<=r;e++)O(e);return{stroke:y>0?S:null,fill:S,clip:C,flags:3}})}function Ia(e){return(t,n,r,i,a,o)=>{r!=i&&(a!=r&&o!=r&&e(t,n,r),a!=i&&o!=i&&e(t,n,i),e(t,n,o))}}var La=Ia(Da),Ra=Ia(Oa);function za(e){let t=G(e?.alignGaps,0);return(e,n,r,i)=>ga(e,n,(a,o,s,c,l,u,d,f,p,m,h)=>{[r,i]=Tn(s,r,i);let g=a.pxRound,_=e=>g(u(e,c,m,f)),v=e=>g(d(e,l,h,p)),y,b;c.ori==0?(y=Da,b=La):(y=Oa,b=Ra);let x=c.dir*(c.ori==0?1:-1),S={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:ma},C=S.stroke,w=!1;if(i-r>=m*4){let t=t=>e.posToVal(t,c.key,!0),n=null,a=null,l,u,d,f=_(o[x==1?r:i]),p=_(o[r]),m=_(o[i]),h=t(x==1?p+1:m-1);for(let e=x==1?r:i;e>=r&&e<=i;e+=x){let r=o[e],i=(x==1?r<h:r>h)?f:_(r),c=s[e];i==f?c==null?c===null&&(w=!0):(u=c,n==null?(y(C,i,v(u)),l=n=a=u):u<n?n=u:u>a&&(a=u)):(n!=null&&b(C,f,v(n),v(a),v(l),v(u)),c==null?(n=a=null,c===null&&(w=!0)):(u=c,y(C,i,v(u)),n=a=l=u),f=i,h=t(f+x))}n!=null&&n!=a&&d!=f&&b(C,f,v(n),v(a),v(l),v(u))}else for(let e=x==1?r:i;e>=r&&e<=i;e+=x){let t=s[e];t===null?w=!0:t!=null&&y(C,_(o[e]),v(t))}let[T,E]=_a(e,n);if(a.fill!=null||T!=0){let t=S.fill=new Path2D(C),s=v(a.fillTo(e,n,a.min,a.max,T)),c=_(o[r]),l=_(o[i]);x==-1&&([l,c]=[c,l]),y(t,l,s),y(t,c,s)}if(!a.spanGaps){let l=[];w&&l.push(...Sa(o,s,r,i,x,_,t)),S.gaps=l=a.gaps(e,n,r,i,l),S.clip=ba(l,c.ori,f,p,m,h)}return E!=0&&(S.band=E==2?[ya(e,n,r,i,C,-1),ya(e,n,r,i,C,1)]:ya(e,n,r,i,C,E)),S})}function Ba(e){let t=G(e.align,1),n=G(e.ascDesc,!1),r=G(e.alignGaps,0),i=G(e.extend,!1);return(e,a,o,s)=>ga(e,a,(c,l,u,d,f,p,m,h,g,_,v)=>{[o,s]=Tn(u,o,s);let y=c.pxRound,{left:b,width:x}=e.bbox,S=e=>y(p(e,d,_,h)),C=e=>y(m(e,f,v,g)),w=d.ori==0?Da:Oa,T={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:ma},E=T.stroke,D=d.dir*(d.ori==0?1:-1),O=C(u[D==1?o:s]),k=S(l[D==1?o:s]),ee=k,A=k;i&&t==-1&&(A=b,w(E,A,O)),w(E,k,O);for(let e=D==1?o:s;e>=o&&e<=s;e+=D){let n=u[e];if(n==null)continue;let r=S(l[e]),i=C(n);t==1?w(E,r,O):w(E,ee,i),w(E,r,i),O=i,ee=r}let j=ee;i&&t==1&&(j=b+x,w(E,j,O));let[te,ne]=_a(e,a);if(c.fill!=null||te!=0){let t=T.fill=new Path2D(E),n=C(c.fillTo(e,a,c.min,c.max,te));w(t,j,n),w(t,A,n)}if(!c.spanGaps){let i=[];i.push(...Sa(l,u,o,s,D,S,r));let f=c.width*U/2,p=n||t==1?f:-f,m=n||t==-1?-f:f;i.forEach(e=>{e[0]+=p,e[1]+=m}),T.gaps=i=c.gaps(e,a,o,s,i),T.clip=ba(i,d.ori,h,g,_,v)}return ne!=0&&(T.band=ne==2?[ya(e,a,o,s,E,-1),ya(e,a,o,s,E,1)]:ya(e,a,o,s,E,ne)),T})}function Va(e,t,n,r,i,a,o=K){if(e.length>1){let s=null;for(let c=0,l=1/0;c<e.length;c++)if(t[c]!==void 0){if(s!=null){let t=Vn(e[c]-e[s]);t<l&&(l=t,o=Vn(n(e[c],r,i,a)-n(e[s],r,i,a)))}s=c}}return o}function Ha(e){e||=gr;let t=G(e.size,[.6,K,1]),n=e.align||0,r=e.gap||0,i=e.radius;i=i==null?[0,0]:typeof i==`number`?[i,0]:i;let a=q(i),o=1-t[0],s=G(t[1],K),c=G(t[2],1),l=G(e.disp,gr),u=G(e.each,e=>{}),{fill:d,stroke:f}=l;return(e,t,i,p)=>ga(e,t,(m,h,g,_,v,y,b,x,S,C,w)=>{let T=m.pxRound,E=n,D=r*U,O=s*U,k=c*U,ee,A;_.ori==0?[ee,A]=a(e,t):[A,ee]=a(e,t);let j=_.dir*(_.ori==0?1:-1),te=_.ori==0?ka:Aa,ne=_.ori==0?u:(e,t,n,r,i,a,o)=>{u(e,t,n,i,r,o,a)},re=G(e.bands,_r).find(e=>e.series[0]==t),ie=re==null?0:re.dir,ae=m.fillTo(e,t,m.min,m.max,ie),M=T(b(ae,v,w,S)),N,P,F,I=C,L=T(m.width*U),oe=!1,se=null,R=null,ce=null,le=null;d!=null&&(L==0||f!=null)&&(oe=!0,se=d.values(e,t,i,p),R=new Map,new Set(se).forEach(e=>{e!=null&&R.set(e,new Path2D)}),L>0&&(ce=f.values(e,t,i,p),le=new Map,new Set(ce).forEach(e=>{e!=null&&le.set(e,new Path2D)})));let{x0:z,size:ue}=l;if(z!=null&&ue!=null){E=1,h=z.values(e,t,i,p),z.unit==2&&(h=h.map(t=>e.posToVal(x+t*C,_.key,!0)));let n=ue.values(e,t,i,p);P=ue.unit==2?n[0]*C:y(n[0],_,C,x)-y(0,_,C,x),I=Va(h,g,y,_,C,x,I),F=I-P+D}else I=Va(h,g,y,_,C,x,I),F=I*o+D,P=I-F;F<1&&(F=0),L>=P/2&&(L=0),F<5&&(T=rr);let de=F>0,fe=I-F-(de?L:0);P=T(er(fe,k,O)),N=(E==0?P/2:E==j?0:P)-E*j*((E==0?D/2:0)+(de?L/2:0));let pe={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},me=oe?null:new Path2D,he=null;if(re!=null)he=e.data[re.series[1]];else{let{y0:n,y1:r}=l;n!=null&&r!=null&&(g=r.values(e,t,i,p),he=n.values(e,t,i,p))}let ge=ee*P,_e=A*P;for(let n=j==1?i:p;n>=i&&n<=p;n+=j){let r=g[n];if(r==null)continue;if(he!=null){let e=he[n]??0;if(r-e==0)continue;M=b(e,v,w,S)}let i=y(_.distr!=2||l!=null?h[n]:n,_,C,x),a=b(G(r,ae),v,w,S),o=T(i-N),s=T(Kn(a,M)),c=T(Gn(a,M)),u=s-c;if(r!=null){let i=r<0?_e:ge,a=r<0?ge:_e;oe?(L>0&&ce[n]!=null&&te(le.get(ce[n]),o,c+Hn(L/2),P,Kn(0,u-L),i,a),se[n]!=null&&te(R.get(se[n]),o,c+Hn(L/2),P,Kn(0,u-L),i,a)):te(me,o,c+Hn(L/2),P,Kn(0,u-L),i,a),ne(e,t,n,o-L/2,c,P+L,u)}}return L>0?pe.stroke=oe?le:me:oe||(pe._fill=m.width==0?m._fill:m._stroke??m._fill,pe.width=0),pe.fill=oe?R:me,pe})}function Ua(e,t){let n=G(t?.alignGaps,0);return(t,r,i,a)=>ga(t,r,(o,s,c,l,u,d,f,p,m,h,g)=>{[i,a]=Tn(c,i,a);let _=o.pxRound,v=e=>_(d(e,l,h,p)),y=e=>_(f(e,u,g,m)),b,x,S;l.ori==0?(b=Ta,S=Da,x=Na):(b=Ea,S=Oa,x=Pa);let C=l.dir*(l.ori==0?1:-1),w=v(s[C==1?i:a]),T=w,E=[],D=[];for(let e=C==1?i:a;e>=i&&e<=a;e+=C)if(c[e]!=null){let t=s[e],n=v(t);E.push(T=n),D.push(y(c[e]))}let O={stroke:e(E,D,b,S,x,_),fill:null,clip:null,band:null,gaps:null,flags:ma},k=O.stroke,[ee,A]=_a(t,r);if(o.fill!=null||ee!=0){let e=O.fill=new Path2D(k),n=y(o.fillTo(t,r,o.min,o.max,ee));S(e,T,n),S(e,w,n)}if(!o.spanGaps){let e=[];e.push(...Sa(s,c,i,a,C,v,n)),O.gaps=e=o.gaps(t,r,i,a,e),O.clip=ba(e,l.ori,p,m,h,g)}return A!=0&&(O.band=A==2?[ya(t,r,i,a,k,-1),ya(t,r,i,a,k,1)]:ya(t,r,i,a,k,A)),O})}function Wa(e){return Ua(Ga,e)}function Ga(e,t,n,r,i,a){let o=e.length;if(o<2)return null;let s=new Path2D;if(n(s,e[0],t[0]),o==2)r(s,e[1],t[1]);else{let n=Array(o),r=Array(o-1),a=Array(o-1),c=Array(o-1);for(let n=0;n<o-1;n++)a[n]=t[n+1]-t[n],c[n]=e[n+1]-e[n],r[n]=a[n]/c[n];n[0]=r[0];for(let e=1;e<o-1;e++)r[e]===0||r[e-1]===0||r[e-1]>0!=r[e]>0?n[e]=0:(n[e]=3*(c[e-1]+c[e])/((2*c[e]+c[e-1])/r[e-1]+(c[e]+2*c[e-1])/r[e]),isFinite(n[e])||(n[e]=0));n[o-1]=r[o-2];for(let r=0;r<o-1;r++)i(s,e[r]+c[r]/3,t[r]+n[r]*c[r]/3,e[r+1]-c[r]/3,t[r+1]-n[r+1]*c[r]/3,e[r+1],t[r+1])}return s}var Ka=new Set;function qa(){for(let e of Ka)e.syncRect(!0)}en&&(yn(Yt,nn,qa),yn(Xt,nn,qa,!0),yn(Qt,nn,()=>{lo.pxRatio=U}));var Ja=za(),Ya=Fa();function Xa(e,t,n,r){return(r?[e[0],e[1]].concat(e.slice(2)):[e[0]].concat(e.slice(1))).map((e,r)=>Qa(e,r,t,n))}function Za(e,t){return e.map((e,n)=>n==0?{}:Or({},t,e))}function Qa(e,t,n,r){return Or({},t==0?n:r,e)}function $a(e,t,n){return t==null?vr:[t,n]}var eo=$a;function to(e,t,n){return t==null?vr:Pn(t,n,An,!0)}function no(e,t,n,r){return t==null?vr:On(t,n,e.scales[r].log,!1)}var ro=no;function io(e,t,n,r){return t==null?vr:kn(t,n,e.scales[r].log,!1)}var ao=io;function oo(e,t,n,r,i){let a=Kn($n(e),$n(t)),o=t-e,s=xn(i/r*o,n);do{let e=n[s],t=r*e/o;if(t>=i&&a+(e<5?pr.get(e):0)<=17)return[e,t]}while(++s<n.length);return[0,0]}function so(e){let t,n;return e=e.replace(/(\d+)px/,(e,r)=>(t=Un((n=+r)*U))+`px`),[e,t,n]}function co(e){e.show&&[e.font,e.labelFont].forEach(e=>{let t=J(e[2]*U,1);e[0]=e[0].replace(/[0-9.]+px/,t+`px`),e[1]=t})}function lo(e,t,n){let r={mode:G(e.mode,1)},i=r.mode;function a(e,t,n,r){let i=t.valToPct(e);return r+n*(t.dir==-1?1-i:i)}function o(e,t,n,r){let i=t.valToPct(e);return r+n*(t.dir==-1?i:1-i)}function s(e,t,n,r){return t.ori==0?a(e,t,n,r):o(e,t,n,r)}r.valToPosH=a,r.valToPosV=o;let c=!1;r.status=0;let l=r.root=un(ht);if(e.id!=null&&(l.id=e.id),sn(l,e.class),e.title){let t=un(vt,l);t.textContent=e.title}let u=ln(`canvas`),d=r.ctx=u.getContext(`2d`),f=un(yt,l);yn(`click`,f,e=>{e.target===m&&(Y!=jr||X!=Mr)&&Lr.click(r,e)},!0);let p=r.under=un(bt,f);f.appendChild(u);let m=r.over=un(xt,f);e=Dr(e);let h=+G(e.pxAlign,1),g=Ca(h);(e.plugins||[]).forEach(t=>{t.opts&&(e=t.opts(r,e)||e)});let _=e.ms||.001,v=r.series=i==1?Xa(e.series||[],Wi,ca,!1):Za(e.series||[null],sa),y=r.axes=Xa(e.axes||[],Vi,na,!0),b=r.scales={},x=r.bands=e.bands||[];x.forEach(e=>{e.fill=q(e.fill||null),e.dir=G(e.dir,-1)});let S=i==2?v[1].facets[0].scale:v[0].scale,C={axes:Hn,series:Sn},w=(e.drawOrder||[`axes`,`series`]).map(e=>C[e]);function T(e){let t=e.distr==3?t=>Yn(t>0?t:e.clamp(r,t,e.min,e.max,e.key)):e.distr==4?t=>Qn(t,e.asinh):e.distr==100?t=>e.fwd(t):e=>e;return n=>{let r=t(n),{_min:i,_max:a}=e,o=a-i;return(r-i)/o}}function E(t){let n=b[t];if(n==null){let r=(e.scales||gr)[t]||gr;if(r.from!=null){E(r.from);let e=Or({},b[r.from],r,{key:t});e.valToPct=T(e),b[t]=e}else{n=b[t]=Or({},t==S?ua:da,r),n.key=t;let e=n.time,a=n.range,o=yr(a);if((t!=S||i==2&&!e)&&(o&&(a[0]==null||a[1]==null)&&(a={min:a[0]==null?jn:{mode:1,hard:a[0],soft:a[0]},max:a[1]==null?jn:{mode:1,hard:a[1],soft:a[1]}},o=!1),!o&&Cr(a))){let e=a;a=(t,n,r)=>n==null?vr:Pn(n,r,e)}n.range=q(a||(e?eo:t==S?n.distr==3?ro:n.distr==4?ao:$a:n.distr==3?no:n.distr==4?io:to)),n.auto=q(!o&&n.auto),n.clamp=q(n.clamp||la),n._min=n._max=null,n.valToPct=T(n)}}}E(`x`),E(`y`),i==1&&v.forEach(e=>{E(e.scale)}),y.forEach(e=>{E(e.scale)});for(let t in e.scales)E(t);let D=b[S],O=D.distr,k,ee;D.ori==0?(sn(l,gt),k=a,ee=o):(sn(l,_t),k=o,ee=a);let A={};for(let e in b){let t=b[e];(t.min!=null||t.max!=null)&&(A[e]={min:t.min,max:t.max},t.min=t.max=null)}let j=e.tzDate||(e=>new Date(Un(e/_))),te=e.fmtDate||Ur,ne=_==1?di(j):mi(j),re=gi(j,hi(_==1?ui:pi,te)),ie=xi(j,yi(bi,te)),ae=[],M=r.legend=Or({},wi,e.legend),N=r.cursor=Or({},Ni,{drag:{y:i==2}},e.cursor),P=M.show,F=N.show,I=M.markers;M.idxs=ae,I.width=q(I.width),I.dash=q(I.dash),I.stroke=q(I.stroke),I.fill=q(I.fill);let L,oe,se,R=[],ce=[],le,z=!1,ue={};if(M.live){let e=v[1]?v[1].values:null;z=e!=null,le=z?e(r,1,0):{_:0};for(let e in le)ue[e]=$t}if(P){if(L=ln(`table`,Ot,l),se=ln(`tbody`,null,L),M.mount(r,L),z){oe=ln(`thead`,null,L,se);let e=ln(`tr`,null,oe);for(var de in ln(`th`,null,e),le)ln(`th`,Nt,e).textContent=de}else sn(L,At),M.live&&sn(L,kt)}let fe={show:!0},pe={show:!1};function me(e,t){if(t==0&&(z||!M.live||i==2))return vr;let n=[],a=ln(`tr`,jt,se,se.childNodes[t]);sn(a,e.class),e.show||sn(a,Ct);let o=ln(`th`,null,a);if(I.show){let e=un(Mt,o);if(t>0){let n=I.width(r,t);n&&(e.style.border=n+`px `+I.dash(r,t)+` `+I.stroke(r,t)),e.style.background=I.fill(r,t)}}let s=un(Nt,o);for(var c in e.label instanceof HTMLElement?s.appendChild(e.label):s.textContent=e.label,t>0&&(I.show||(s.style.color=e.width>0?I.stroke(r,t):I.fill(r,t)),ge(`click`,o,t=>{if(N._lock)return;He(t);let n=v.indexOf(e);if((t.ctrlKey||t.metaKey)!=M.isolate){let e=v.some((e,t)=>t>0&&t!=n&&e.show);v.forEach((t,r)=>{r>0&&Gr(r,e?r==n?fe:pe:fe,!0,$.setSeries)})}else Gr(n,{show:!e.show},!0,$.setSeries)},!1),Ge&&ge(Kt,o,t=>{N._lock||(He(t),Gr(v.indexOf(e),ti,!0,$.setSeries))},!1)),le){let e=ln(`td`,Pt,a);e.textContent=`--`,n.push(e)}return[a,n]}let he=new Map;function ge(e,t,n,i=!0){let a=he.get(t)||{},o=N.bind[e](r,t,n,i);o&&(yn(e,t,a[e]=o),he.set(t,a))}function _e(e,t,n){let r=he.get(t)||{};for(let n in r)(e==null||n==e)&&(bn(n,t,r[n]),delete r[n]);e??he.delete(t)}let ve=0,ye=0,B=0,V=0,be=0,xe=0,Se=be,Ce=xe,we=B,Te=V,Ee=0,De=0,Oe=0,ke=0;r.bbox={};let Ae=!1,je=!1,Me=!1,Ne=!1,Pe=!1,Fe=!1;function Ie(e,t,n){(n||e!=r.width||t!=r.height)&&Le(e,t),Jn(!1),Me=!0,je=!0,cr()}function Le(e,t){r.width=ve=B=e,r.height=ye=V=t,be=xe=0,Be(),Ve();let n=r.bbox;Ee=n.left=ur(be*U,.5),De=n.top=ur(xe*U,.5),Oe=n.width=ur(B*U,.5),ke=n.height=ur(V*U,.5)}function Re(){let e=!1,t=0;for(;!e;){t++;let n=Rn(t),i=zn(t);e=t==3||n&&i,e||(Le(r.width,r.height),je=!0)}}function ze({width:e,height:t}){Ie(e,t)}r.setSize=ze;function Be(){let e=!1,t=!1,n=!1,r=!1;y.forEach((i,a)=>{if(i.show&&i._show){let{side:a,_size:o}=i,s=a%2,c=o+(i.label==null?0:i.labelSize);c>0&&(s?(B-=c,a==3?(be+=c,r=!0):n=!0):(V-=c,a==0?(xe+=c,e=!0):t=!0))}}),et[0]=e,et[1]=n,et[2]=t,et[3]=r,B-=it[1]+it[3],be+=it[3],V-=it[2]+it[0],xe+=it[0]}function Ve(){let e=be+B,t=xe+V,n=be,r=xe;function i(i,a){switch(i){case 1:return e+=a,e-a;case 2:return t+=a,t-a;case 3:return n-=a,n+a;case 0:return r-=a,r+a}}y.forEach((e,t)=>{if(e.show&&e._show){let t=e.side;e._pos=i(t,e._size),e.label!=null&&(e._lpos=i(t,e.labelSize))}})}if(N.dataIdx==null){let e=N.hover,n=e.skip=new Set(e.skip??[]);n.add(void 0);let r=e.prox=q(e.prox),i=e.bias??=0;N.dataIdx=(e,a,o,s)=>{if(a==0)return o;let c=o,l=r(e,a,o,s)??K,u=l>=0&&l<K,d=D.ori==0?B:V,f=N.left,p=t[0],m=t[a];if(n.has(m[o])){c=null;let e=null,t=null,r;if(i==0||i==-1)for(r=o;e==null&&r-->0;)n.has(m[r])||(e=r);if(i==0||i==1)for(r=o;t==null&&r++<m.length;)n.has(m[r])||(t=r);if(e!=null||t!=null){if(u){let n=e==null?-1/0:k(p[e],D,d,0),r=t==null?1/0:k(p[t],D,d,0),i=f-n,a=r-f;i<=a?i<=l&&(c=e):a<=l&&(c=t)}else c=t==null?e:e==null?t:o-e<=t-o?e:t}}else u&&Vn(f-k(p[o],D,d,0))>l&&(c=null);return c}}let He=e=>{N.event=e};N.idxs=ae,N._lock=!1;let Ue=N.points;Ue.show=q(Ue.show),Ue.size=q(Ue.size),Ue.stroke=q(Ue.stroke),Ue.width=q(Ue.width),Ue.fill=q(Ue.fill);let We=r.focus=Or({},e.focus||{alpha:.3},N.focus),Ge=We.prox>=0,Ke=Ge&&Ue.one,qe=[],Je=[],Ye=[];function Xe(e,t){let n=Ue.show(r,t);if(n instanceof HTMLElement)return sn(n,Dt),sn(n,e.class),fn(n,-10,-10,B,V),m.insertBefore(n,qe[t]),n}function Ze(e,t){if(i==1||t>0){let t=i==1&&b[e.scale].time,n=e.value;e.value=t?Sr(n)?xi(j,yi(n,te)):n||ie:n||ta,e.label=e.label||(t?Ui:Hi)}if(Ke||t>0){e.width=e.width==null?1:e.width,e.paths=e.paths||Ja||ar,e.fillTo=q(e.fillTo||va),e.pxAlign=+G(e.pxAlign,h),e.pxRound=Ca(e.pxAlign),e.stroke=q(e.stroke||null),e.fill=q(e.fill||null),e._stroke=e._fill=e._paths=e._focus=null;let t=ra(Kn(1,e.width),1),n=e.points=Or({},{size:t,width:Kn(1,t*.2),stroke:e.stroke,space:t*2,paths:Ya,_stroke:null,_fill:null},e.points);n.show=q(n.show),n.filter=q(n.filter),n.fill=q(n.fill),n.stroke=q(n.stroke),n.paths=q(n.paths),n.pxAlign=e.pxAlign}if(P){let n=me(e,t);R.splice(t,0,n[0]),ce.splice(t,0,n[1]),M.values.push(null)}if(F){ae.splice(t,0,null);let n=null;Ke?t==0&&(n=Xe(e,t)):t>0&&(n=Xe(e,t)),qe.splice(t,0,n),Je.splice(t,0,0),Ye.splice(t,0,0)}Zi(`addSeries`,t)}function Qe(e,t){t??=v.length,e=i==1?Qa(e,t,Wi,ca):Qa(e,t,{},sa),v.splice(t,0,e),Ze(v[t],t)}r.addSeries=Qe;function $e(e){if(v.splice(e,1),P){M.values.splice(e,1),ce.splice(e,1);let t=R.splice(e,1)[0];_e(null,t.firstChild),t.remove()}F&&(ae.splice(e,1),qe.splice(e,1)[0].remove(),Je.splice(e,1),Ye.splice(e,1)),Zi(`delSeries`,e)}r.delSeries=$e;let et=[!1,!1,!1,!1];function tt(e,t){if(e._show=e.show,e.show){let n=e.side%2,i=b[e.scale];i??=(e.scale=n?v[1].scale:S,b[e.scale]);let a=i.time;e.size=q(e.size),e.space=q(e.space),e.rotate=q(e.rotate),yr(e.incrs)&&e.incrs.forEach(e=>{!pr.has(e)&&pr.set(e,mr(e))}),e.incrs=q(e.incrs||(i.distr==2?Xr:a?_==1?li:fi:Zr)),e.splits=q(e.splits||(a&&i.distr==1?ne:i.distr==3?qi:i.distr==4?Ji:Ki)),e.stroke=q(e.stroke),e.grid.stroke=q(e.grid.stroke),e.ticks.stroke=q(e.ticks.stroke),e.border.stroke=q(e.border.stroke);let o=e.values;e.values=yr(o)&&!yr(o[0])?q(o):a?yr(o)?gi(j,hi(o,te)):Sr(o)?_i(j,o):o||re:o||Gi,e.filter=q(e.filter||(i.distr>=3&&i.log==10?$i:i.distr==3&&i.log==2?ea:ir)),e.font=so(e.font),e.labelFont=so(e.labelFont),e._size=e.size(r,null,t,0),e._space=e._rotate=e._incrs=e._found=e._splits=e._values=null,e._size>0&&(et[t]=!0,e._el=un(St,f))}}function nt(e,t,n,r){let[i,a,o,s]=n,c=t%2,l=0;return c==0&&(s||a)&&(l=t==0&&!i||t==2&&!o?Un(Vi.size/3):0),c==1&&(i||o)&&(l=t==1&&!a||t==3&&!s?Un(na.size/2):0),l}let rt=r.padding=(e.padding||[nt,nt,nt,nt]).map(e=>q(G(e,nt))),it=r._padding=rt.map((e,t)=>e(r,t,et,0)),at,ot=null,st=null,ct=i==1?v[0].idxs:null,H=null,lt=!1;function ut(e,n){if(t=e??[],r.data=r._data=t,i==2){at=0;for(let e=1;e<v.length;e++)at+=t[e][0].length}else{t.length==0&&(r.data=r._data=t=[[]]),H=t[0],at=H.length;let e=t;if(O==2){e=t.slice();let n=e[0]=Array(at);for(let e=0;e<at;e++)n[e]=e}r._data=t=e}if(Jn(!0),Zi(`setData`),O==2&&(Me=!0),n!==!1){let e=D;e.auto(r,lt)?dt():Wr(S,e.min,e.max),Ne||=N.left>=0,Fe=!0,cr()}}r.setData=ut;function dt(){lt=!0;let e,n;i==1&&(at>0?(ot=ct[0]=0,st=ct[1]=at-1,e=t[0][ot],n=t[0][st],O==2?(e=ot,n=st):e==n&&(O==3?[e,n]=On(e,e,D.log,!1):O==4?[e,n]=kn(e,e,D.log,!1):D.time?n=e+Un(86400/_):[e,n]=Pn(e,n,An,!0))):(ot=ct[0]=e=null,st=ct[1]=n=null)),Wr(S,e,n)}let ft,pt,mt,Vt,Yt,Xt,Zt,en,rn,an;function on(e,t,n,r,i,a){e??=Ht,n??=_r,r??=`butt`,i??=Ht,a??=`round`,e!=ft&&(d.strokeStyle=ft=e),i!=pt&&(d.fillStyle=pt=i),t!=mt&&(d.lineWidth=mt=t),a!=Yt&&(d.lineJoin=Yt=a),r!=Xt&&(d.lineCap=Xt=r),n!=Vt&&d.setLineDash(Vt=n)}function dn(e,t,n,r){t!=pt&&(d.fillStyle=pt=t),e!=Zt&&(d.font=Zt=e),n!=en&&(d.textAlign=en=n),r!=rn&&(d.textBaseline=rn=r)}function pn(e,t,n,i,a=0){if(i.length>0&&e.auto(r,lt)&&(t==null||t.min==null)){let t=G(ot,0),r=G(st,i.length-1),o=n.min==null?Dn(i,t,r,a,e.distr==3):[n.min,n.max];e.min=Gn(e.min,n.min=o[0]),e.max=Kn(e.max,n.max=o[1])}}let hn={min:null,max:null};function _n(){for(let e in b){let t=b[e];A[e]==null&&(t.min==null||A[S]!=null&&t.auto(r,lt))&&(A[e]=hn)}for(let e in b){let t=b[e];A[e]==null&&t.from!=null&&A[t.from]!=null&&(A[e]=hn)}A[S]!=null&&Jn(!0);let e={};for(let t in A){let n=A[t];if(n!=null){let a=e[t]=Dr(b[t],wr);if(n.min!=null)Or(a,n);else if(t!=S||i==2){if(at==0&&a.from==null){let e=a.range(r,null,null,t);a.min=e[0],a.max=e[1]}else a.min=K,a.max=-1/0}}}if(at>0){v.forEach((n,a)=>{if(i==1){let i=n.scale,o=A[i];if(o==null)return;let s=e[i];if(a==0){let e=s.range(r,s.min,s.max,i);s.min=e[0],s.max=e[1],ot=xn(s.min,t[0]),st=xn(s.max,t[0]),st-ot>1&&(t[0][ot]<s.min&&ot++,t[0][st]>s.max&&st--),n.min=H[ot],n.max=H[st]}else n.show&&n.auto&&pn(s,o,n,t[a],n.sorted);n.idxs[0]=ot,n.idxs[1]=st}else if(a>0&&n.show&&n.auto){let[r,i]=n.facets,o=r.scale,s=i.scale,[c,l]=t[a],u=e[o],d=e[s];u!=null&&pn(u,A[o],r,c,r.sorted),d!=null&&pn(d,A[s],i,l,i.sorted),n.min=i.min,n.max=i.max}});for(let t in e){let n=e[t],i=A[t];if(n.from==null&&(i==null||i.min==null)){let e=n.range(r,n.min==K?null:n.min,n.max==-1/0?null:n.max,t);n.min=e[0],n.max=e[1]}}}for(let t in e){let n=e[t];if(n.from!=null){let i=e[n.from];if(i.min==null)n.min=n.max=null;else{let e=n.range(r,i.min,i.max,t);n.min=e[0],n.max=e[1]}}}let n={},a=!1;for(let t in e){let r=e[t],i=b[t];if(i.min!=r.min||i.max!=r.max){i.min=r.min,i.max=r.max;let e=i.distr;i._min=e==3?Yn(i.min):e==4?Qn(i.min,i.asinh):e==100?i.fwd(i.min):i.min,i._max=e==3?Yn(i.max):e==4?Qn(i.max,i.asinh):e==100?i.fwd(i.max):i.max,n[t]=a=!0}}if(a){v.forEach((e,t)=>{i==2?t>0&&n.y&&(e._paths=null):n[e.scale]&&(e._paths=null)});for(let e in n)Me=!0,Zi(`setScale`,e);F&&N.left>=0&&(Ne=Fe=!0)}for(let e in A)A[e]=null}function vn(e){let t=er(ot-1,0,at-1),n=er(st+1,0,at-1);for(;e[t]==null&&t>0;)t--;for(;e[n]==null&&n<at-1;)n++;return[t,n]}function Sn(){if(at>0){let e=v.some(e=>e._focus)&&an!=We.alpha;e&&(d.globalAlpha=an=We.alpha),v.forEach((e,n)=>{if(n>0&&e.show&&(Cn(n,!1),Cn(n,!0),e._paths==null)){let a=an;an!=e.alpha&&(d.globalAlpha=an=e.alpha);let o=i==2?[0,t[n][0].length-1]:vn(t[n]);e._paths=e.paths(r,n,o[0],o[1]),an!=a&&(d.globalAlpha=an=a)}}),v.forEach((e,t)=>{if(t>0&&e.show){let n=an;an!=e.alpha&&(d.globalAlpha=an=e.alpha),e._paths!=null&&wn(t,!1);{let n=e._paths==null?null:e._paths.gaps,i=e.points.show(r,t,ot,st,n),a=e.points.filter(r,t,i,n);(i||a)&&(e.points._paths=e.points.paths(r,t,ot,st,a),wn(t,!0))}an!=n&&(d.globalAlpha=an=n),Zi(`drawSeries`,t)}}),e&&(d.globalAlpha=an=1)}}function Cn(e,t){let n=t?v[e].points:v[e];n._stroke=n.stroke(r,e),n._fill=n.fill(r,e)}function wn(e,t){let n=t?v[e].points:v[e],{stroke:r,fill:i,clip:a,flags:o,_stroke:s=n._stroke,_fill:c=n._fill,_width:l=n.width}=n._paths;l=J(l*U,3);let u=null,f=l%2/2;t&&c==null&&(c=l>0?`#fff`:s);let p=n.pxAlign==1&&f>0;if(p&&d.translate(f,f),!t){let e=Ee-l/2,t=De-l/2,n=Oe+l,r=ke+l;u=new Path2D,u.rect(e,t,n,r)}t?En(s,l,n.dash,n.cap,c,r,i,o,a):Tn(e,s,l,n.dash,n.cap,c,r,i,o,u,a),p&&d.translate(-f,-f)}function Tn(e,n,i,a,o,s,c,l,u,d,f){let p=!1;u!=0&&x.forEach((m,h)=>{if(m.series[0]==e){let e=v[m.series[1]],g=t[m.series[1]],_=(e._paths||gr).band;yr(_)&&(_=m.dir==1?_[0]:_[1]);let y,b=null;e.show&&_&&Fn(g,ot,st)?(b=m.fill(r,h)||s,y=e._paths.clip):_=null,En(n,i,a,o,b,c,l,u,d,f,y,_),p=!0}}),p||En(n,i,a,o,s,c,l,u,d,f)}function En(e,t,n,r,i,a,o,s,c,l,u,f){on(e,t,n,r,i),(c||l||f)&&(d.save(),c&&d.clip(c),l&&d.clip(l)),f?(s&3)==3?(d.clip(f),u&&d.clip(u),Nn(i,o),Mn(e,a,t)):s&ha?(Nn(i,o),d.clip(f),Mn(e,a,t)):s&ma&&(d.save(),d.clip(f),u&&d.clip(u),Nn(i,o),d.restore(),Mn(e,a,t)):(Nn(i,o),Mn(e,a,t)),(c||l||f)&&d.restore()}function Mn(e,t,n){n>0&&(t instanceof Map?t.forEach((e,t)=>{d.strokeStyle=ft=t,d.stroke(e)}):t!=null&&e&&d.stroke(t))}function Nn(e,t){t instanceof Map?t.forEach((e,t)=>{d.fillStyle=pt=t,d.fill(e)}):t!=null&&e&&d.fill(t)}function In(e,t,n,i){let a=y[e],o;if(i<=0)o=[0,0];else{let s=a._space=a.space(r,e,t,n,i);o=oo(t,n,a._incrs=a.incrs(r,e,t,n,i,s),i,s)}return a._found=o}function Ln(e,t,n,r,i,a,o,s,c,l){let u=o%2/2;h==1&&d.translate(u,u),on(s,o,c,l,s),d.beginPath();let f,p,m,g,_=i+(r==0||r==3?-a:a);n==0?(p=i,g=_):(f=i,m=_);for(let r=0;r<e.length;r++)t[r]!=null&&(n==0?f=m=e[r]:p=g=e[r],d.moveTo(f,p),d.lineTo(m,g));d.stroke(),h==1&&d.translate(-u,-u)}function Rn(e){let t=!0;return y.forEach((n,i)=>{if(!n.show)return;let a=b[n.scale];if(a.min==null){n._show&&(t=!1,n._show=!1,Jn(!1));return}n._show||(t=!1,n._show=!0,Jn(!1));let o=n.side,s=o%2,{min:c,max:l}=a,[u,d]=In(i,c,l,s==0?B:V);if(d==0)return;let f=a.distr==2,p=n._splits=n.splits(r,i,c,l,u,d,f),m=a.distr==2?p.map(e=>H[e]):p,h=a.distr==2?H[p[1]]-H[p[0]]:u,g=n._values=n.values(r,n.filter(r,m,i,d,h),i,d,h);n._rotate=o==2?n.rotate(r,g,i,d):0;let _=n._size;n._size=Wn(n.size(r,g,i,e)),_!=null&&n._size!=_&&(t=!1)}),t}function zn(e){let t=!0;return rt.forEach((n,i)=>{let a=n(r,i,et,e);a!=it[i]&&(t=!1),it[i]=a}),t}function Hn(){for(let e=0;e<y.length;e++){let t=y[e];if(!t.show||!t._show)continue;let n=t.side,i=n%2,a,o,c=t.stroke(r,e),l=n==0||n==3?-1:1,[u,f]=t._found;if(t.label!=null){let s=t.labelGap*l,p=Un((t._lpos+s)*U);dn(t.labelFont[0],c,`center`,n==2?Lt:Rt),d.save(),i==1?(a=o=0,d.translate(p,Un(De+ke/2)),d.rotate((n==3?-Bn:Bn)/2)):(a=Un(Ee+Oe/2),o=p);let m=tr(t.label)?t.label(r,e,u,f):t.label;d.fillText(m,a,o),d.restore()}if(f==0)continue;let p=b[t.scale],m=i==0?Oe:ke,h=i==0?Ee:De,_=t._splits,v=p.distr==2?_.map(e=>H[e]):_,x=p.distr==2?H[_[1]]-H[_[0]]:u,S=t.ticks,C=t.border,w=S.show?S.size:0,T=Un(w*U),E=Un((t.alignTo==2?t._size-w-t.gap:t.gap)*U),D=t._rotate*-Bn/180,O=g(t._pos*U),k=O+(T+E)*l;o=i==0?k:0,a=i==1?k:0;let ee=t.font[0];dn(ee,c,t.align==1?zt:t.align==2?Bt:D>0?zt:D<0?Bt:i==0?`center`:n==3?Bt:zt,D||i==1?`middle`:n==2?Lt:Rt);let A=t.font[1]*t.lineGap,j=_.map(e=>g(s(e,p,m,h))),te=t._values;for(let e=0;e<te.length;e++){let t=te[e];if(t!=null){i==0?a=j[e]:o=j[e],t=``+t;let n=t.indexOf(`
`)==-1?[t]:t.split(/\n/gm);for(let e=0;e<n.length;e++){let t=n[e];D?(d.save(),d.translate(a,o+e*A),d.rotate(D),d.fillText(t,0,0),d.restore()):d.fillText(t,a,o+e*A)}}}S.show&&Ln(j,S.filter(r,v,e,f,x),i,n,O,T,J(S.width*U,3),S.stroke(r,e),S.dash,S.cap);let ne=t.grid;ne.show&&Ln(j,ne.filter(r,v,e,f,x),i,i==0?2:1,i==0?De:Ee,i==0?ke:Oe,J(ne.width*U,3),ne.stroke(r,e),ne.dash,ne.cap),C.show&&Ln([O],[1],+(i==0),i==0?1:2,i==1?De:Ee,i==1?ke:Oe,J(C.width*U,3),C.stroke(r,e),C.dash,C.cap)}Zi(`drawAxes`)}function Jn(e){v.forEach((t,n)=>{n>0&&(t._paths=null,e&&(i==1?(t.min=null,t.max=null):t.facets.forEach(e=>{e.min=null,e.max=null})))})}let Xn=!1,$n=!1,nr=[];function rr(){$n=!1;for(let e=0;e<nr.length;e++)Zi(...nr[e]);nr.length=0}function cr(){Xn||=(Pr(dr),!0)}function lr(e,t=!1){Xn=!0,$n=t,e(r),dr(),t&&nr.length>0&&queueMicrotask(rr)}r.batch=lr;function dr(){if(Ae&&=(_n(),!1),Me&&=(Re(),!1),je){if(W(p,zt,be),W(p,Lt,xe),W(p,Ft,B),W(p,It,V),W(m,zt,be),W(m,Lt,xe),W(m,Ft,B),W(m,It,V),W(f,Ft,ve),W(f,It,ye),u.width=Un(ve*U),u.height=Un(ye*U),y.forEach(({_el:e,_show:t,_size:n,_pos:r,side:i})=>{if(e!=null){if(t){let t=i===3||i===0?n:0,a=i%2==1;W(e,a?`left`:`top`,r-t),W(e,a?`width`:`height`,n),W(e,a?`top`:`left`,a?xe:be),W(e,a?`height`:`width`,a?V:B),cn(e,Ct)}else sn(e,Ct)}}),ft=pt=mt=Yt=Xt=Zt=en=rn=Vt=null,an=1,Ei(!0),be!=Se||xe!=Ce||B!=we||V!=Te){Jn(!1);let e=B/we,t=V/Te;if(F&&!Ne&&N.left>=0){N.left*=e,N.top*=t,Tr&&fn(Tr,Un(N.left),0,B,V),Er&&fn(Er,0,Un(N.top),B,V);for(let n=0;n<qe.length;n++){let r=qe[n];r!=null&&(Je[n]*=e,Ye[n]*=t,fn(r,Wn(Je[n]),Wn(Ye[n]),B,V))}}if(Z.show&&!Pe&&Z.left>=0&&Z.width>0){Z.left*=e,Z.width*=e,Z.top*=t,Z.height*=t;for(let e in ki)W(Br,e,Z[e])}Se=be,Ce=xe,we=B,Te=V}Zi(`setSize`),je=!1}ve>0&&ye>0&&(d.clearRect(0,0,u.width,u.height),Zi(`drawClear`),w.forEach(e=>e()),Zi(`draw`)),Z.show&&Pe&&(Vr(Z),Pe=!1),F&&Ne&&(Ci(null,!0,!1),Ne=!1),M.show&&M.live&&Fe&&(vi(),Fe=!1),c||(c=!0,r.status=1,Zi(`ready`)),lt=!1,Xn=!1}r.redraw=(e,t)=>{Me=t||!1,e===!1?cr():Wr(S,D.min,D.max)};function fr(e,n){let i=b[e];if(i.from==null){if(at==0){let t=i.range(r,n.min,n.max,e);n.min=t[0],n.max=t[1]}if(n.min>n.max){let e=n.min;n.min=n.max,n.max=e}if(at>1&&n.min!=null&&n.max!=null&&n.max-n.min<1e-16)return;e==S&&i.distr==2&&at>0&&(n.min=xn(n.min,t[0]),n.max=xn(n.max,t[0]),n.min==n.max&&n.max++),A[e]=n,Ae=!0,cr()}}r.setScale=fr;let hr,br,Tr,Er,kr,Ar,jr,Mr,Nr,Fr,Y,X,Ir=!1,Lr=N.drag,Rr=Lr.x,zr=Lr.y;F&&(N.x&&(hr=un(Tt,m)),N.y&&(br=un(Et,m)),D.ori==0?(Tr=hr,Er=br):(Tr=br,Er=hr),Y=N.left,X=N.top);let Z=r.select=Or({show:!0,over:!0,left:0,width:0,top:0,height:0},e.select),Br=Z.show?un(wt,Z.over?m:p):null;function Vr(e,t){if(Z.show){for(let t in e)Z[t]=e[t],t in ki&&W(Br,t,e[t]);t!==!1&&Zi(`setSelect`)}}r.setSelect=Vr;function Hr(e){if(v[e].show)P&&cn(R[e],Ct);else if(P&&sn(R[e],Ct),F){let t=Ke?qe[0]:qe[e];t!=null&&fn(t,-10,-10,B,V)}}function Wr(e,t,n){fr(e,{min:t,max:n})}function Gr(e,t,n,a){t.focus!=null&&ni(e),t.show!=null&&v.forEach((n,r)=>{r>0&&(e==r||e==null)&&(n.show=t.show,Hr(r),i==2?(Wr(n.facets[0].scale,null,null),Wr(n.facets[1].scale,null,null)):Wr(n.scale,null,null),cr())}),n!==!1&&Zi(`setSeries`,e,t),a&&oa(`setSeries`,r,e,t)}r.setSeries=Gr;function Kr(e,t){Or(x[e],t)}function qr(e,t){e.fill=q(e.fill||null),e.dir=G(e.dir,-1),t??=x.length,x.splice(t,0,e)}function Jr(e){e==null?x.length=0:x.splice(e,1)}r.addBand=qr,r.setBand=Kr,r.delBand=Jr;function Yr(e,t){v[e].alpha=t,F&&qe[e]!=null&&(qe[e].style.opacity=t),P&&R[e]&&(R[e].style.opacity=t)}let Qr,$r,ei,ti={focus:!0};function ni(e){if(e!=ei){let t=e==null,n=We.alpha!=1;v.forEach((r,a)=>{if(i==1||a>0){let i=t||a==0||a==e;r._focus=t?null:i,n&&Yr(a,i?1:We.alpha)}}),ei=e,n&&cr()}}P&&Ge&&ge(qt,L,e=>{N._lock||(He(e),ei!=null&&Gr(null,ti,!0,$.setSeries))});function ri(e,t,n){let r=b[t];n&&(e=e/U-(r.ori==1?xe:be));let i=B;r.ori==1&&(i=V,e=i-e),r.dir==-1&&(e=i-e);let a=r._min,o=r._max,s=e/i,c=a+(o-a)*s,l=r.distr;return l==3?qn(10,c):l==4?Zn(c,r.asinh):l==100?r.bwd(c):c}function ii(e,n){return xn(ri(e,S,n),t[0],ot,st)}r.valToIdx=e=>xn(e,t[0]),r.posToIdx=ii,r.posToVal=ri,r.valToPos=(e,t,n)=>b[t].ori==0?a(e,b[t],n?Oe:B,n?Ee:0):o(e,b[t],n?ke:V,n?De:0),r.setCursor=(e,t,n)=>{Y=e.left,X=e.top,Ci(null,t,n)};function ai(e,t){W(Br,zt,Z.left=e),W(Br,Ft,Z.width=t)}function oi(e,t){W(Br,Lt,Z.top=e),W(Br,It,Z.height=t)}let si=D.ori==0?ai:oi,Q=D.ori==1?ai:oi;function ci(){if(P&&M.live)for(let e=+(i==2);e<v.length;e++){if(e==0&&z)continue;let t=M.values[e],n=0;for(let r in t)ce[e][n++].firstChild.nodeValue=t[r]}}function vi(e,t){if(e!=null&&(e.idxs?e.idxs.forEach((e,t)=>{ae[t]=e}):xr(e.idx)||ae.fill(e.idx),M.idx=ae[0]),P&&M.live){for(let e=0;e<v.length;e++)(e>0||i==1&&!z)&&Si(e,ae[e]);ci()}Fe=!1,t!==!1&&Zi(`setLegend`)}r.setLegend=vi;function Si(e,n){let i=v[e],a=e==0&&O==2?H:t[e],o;z?o=i.values(r,e,n)??ue:(o=i.value(r,n==null?null:a[n],e,n),o=o==null?ue:{_:o}),M.values[e]=o}function Ci(e,n,a){Nr=Y,Fr=X,[Y,X]=N.move(r,Y,X),N.left=Y,N.top=X,F&&(Tr&&fn(Tr,Un(Y),0,B,V),Er&&fn(Er,0,Un(X),B,V));let o,s=ot>st;Qr=K,$r=null;let c=D.ori==0?B:V,l=D.ori==1?B:V;if(Y<0||at==0||s){o=N.idx=null;for(let e=0;e<v.length;e++){let t=qe[e];t!=null&&fn(t,-10,-10,B,V)}Ge&&Gr(null,ti,!0,e==null&&$.setSeries),M.live&&(ae.fill(o),Fe=!0)}else{let e,n,a;i==1&&(e=D.ori==0?Y:X,n=ri(e,S),o=N.idx=xn(n,t[0],ot,st),a=k(t[0][o],D,c,0));let s=-10,u=-10,d=0,f=0,p=!0,m=``,h=``;for(let e=+(i==2);e<v.length;e++){let g=v[e],_=ae[e],y=_==null?null:i==1?t[e][_]:t[e][1][_],x=N.dataIdx(r,e,o,n),S=x==null?null:i==1?t[e][x]:t[e][1][x];if(Fe=Fe||S!=y||x!=_,ae[e]=x,e>0&&g.show){let n=x==null?-10:x==o?a:k(i==1?t[0][x]:t[e][0][x],D,c,0),_=S==null?-10:ee(S,i==1?b[g.scale]:b[g.facets[1].scale],l,0);if(Ge&&S!=null){let t=D.ori==1?Y:X,n=Vn(We.dist(r,e,x,_,t));if(n<Qr){let r=We.bias;if(r!=0){let i=ri(t,g.scale),a=S>=0?1:-1,o=i>=0?1:-1;o==a&&(o==1?r==1?S>=i:S<=i:r==1?S<=i:S>=i)&&(Qr=n,$r=e)}else Qr=n,$r=e}}if(Fe||Ke){let t,i;D.ori==0?(t=n,i=_):(t=_,i=n);let a,o,c,l,g,v,y=!0,b=Ue.bbox;if(b!=null){y=!1;let t=b(r,e);c=t.left,l=t.top,a=t.width,o=t.height}else c=t,l=i,a=o=Ue.size(r,e);if(v=Ue.fill(r,e),g=Ue.stroke(r,e),Ke)e==$r&&Qr<=We.prox&&(s=c,u=l,d=a,f=o,p=y,m=v,h=g);else{let t=qe[e];t!=null&&(Je[e]=c,Ye[e]=l,gn(t,a,o,y),mn(t,v,g),fn(t,Wn(c),Wn(l),B,V))}}}}if(Ke){let e=We.prox;if(Fe||(ei==null?Qr<=e:Qr>e||$r!=ei)){let e=qe[0];e!=null&&(Je[0]=s,Ye[0]=u,gn(e,d,f,p),mn(e,m,h),fn(e,Wn(s),Wn(u),B,V))}}}if(Z.show&&Ir){if(e!=null){let[t,n]=$.scales,[r,i]=$.match,[a,o]=e.cursor.sync.scales,s=e.cursor.drag;if(Rr=s._x,zr=s._y,Rr||zr){let{left:s,top:u,width:d,height:f}=e.select,p=e.scales[a].ori,m=e.posToVal,h,g,_,v,y,x=t!=null&&r(t,a),S=n!=null&&i(n,o);x&&Rr?(p==0?(h=s,g=d):(h=u,g=f),_=b[t],v=k(m(h,a),_,c,0),y=k(m(h+g,a),_,c,0),si(Gn(v,y),Vn(y-v))):si(0,c),S&&zr?(p==1?(h=s,g=d):(h=u,g=f),_=b[n],v=ee(m(h,o),_,l,0),y=ee(m(h+g,o),_,l,0),Q(Gn(v,y),Vn(y-v))):Q(0,l)}else Ai()}else{let e=Vn(Nr-kr),t=Vn(Fr-Ar);if(D.ori==1){let n=e;e=t,t=n}Rr=Lr.x&&e>=Lr.dist,zr=Lr.y&&t>=Lr.dist;let n=Lr.uni;n==null?Lr.x&&Lr.y&&(Rr||zr)&&(Rr=zr=!0):Rr&&zr&&(Rr=e>=n,zr=t>=n,!Rr&&!zr&&(t>e?zr=!0:Rr=!0));let r,i;Rr&&(D.ori==0?(r=jr,i=Y):(r=Mr,i=X),si(Gn(r,i),Vn(i-r)),zr||Q(0,l)),zr&&(D.ori==1?(r=jr,i=Y):(r=Mr,i=X),Q(Gn(r,i),Vn(i-r)),Rr||si(0,c)),!Rr&&!zr&&(si(0,0),Q(0,0))}}if(Lr._x=Rr,Lr._y=zr,e==null){if(a){if(ia!=null){let[e,t]=$.scales;$.values[0]=e==null?null:ri(D.ori==0?Y:X,e),$.values[1]=t==null?null:ri(D.ori==1?Y:X,t)}oa(Ut,r,Y,X,B,V,o)}if(Ge){let e=a&&$.setSeries,t=We.prox;ei==null?Qr<=t&&Gr($r,ti,!0,e):Qr>t?Gr(null,ti,!0,e):$r!=ei&&Gr($r,ti,!0,e)}}Fe&&(M.idx=o,vi()),n!==!1&&Zi(`setCursor`)}let Ti=null;Object.defineProperty(r,"rect",{get(){return Ti??Ei(!1),Ti}});function Ei(e=!1){e?Ti=null:(Ti=m.getBoundingClientRect(),Zi(`syncRect`,Ti))}function Di(e,t,n,r,i,a,o){N._lock||Ir&&e!=null&&e.movementX==0&&e.movementY==0||(Oi(e,t,n,r,i,a,o,!1,e!=null),e==null?Ci(t,!0,!1):Ci(null,!0,!0))}function Oi(e,t,n,i,a,o,c,l,u){if(Ti??Ei(!1),He(e),e!=null)n=e.clientX-Ti.left,i=e.clientY-Ti.top;else{if(n<0||i<0){Y=-10,X=-10;return}let[e,r]=$.scales,c=t.cursor.sync,[l,u]=c.values,[d,f]=c.scales,[p,m]=$.match,h=t.axes[0].side%2==1,g=D.ori==0?B:V,_=D.ori==1?B:V,v=h?o:a,y=h?a:o,x=h?i:n,S=h?n:i;if(n=d==null?x/v*g:p(e,d)?s(l,b[e],g,0):-10,i=f==null?S/y*_:m(r,f)?s(u,b[r],_,0):-10,D.ori==1){let e=n;n=i,i=e}}u&&(t==null||t.cursor.event.type==Ut)&&((n<=1||n>=B-1)&&(n=ur(n,B)),(i<=1||i>=V-1)&&(i=ur(i,V))),l?(kr=n,Ar=i,[jr,Mr]=N.move(r,n,i)):(Y=n,X=i)}let ki={width:0,height:0,left:0,top:0};function Ai(){Vr(ki,!1)}let ji,Mi,Pi,Fi;function Ii(e,t,n,i,a,o,s){Ir=!0,Rr=zr=Lr._x=Lr._y=!1,Oi(e,t,n,i,a,o,s,!0,!1),e!=null&&(ge(Gt,tn,Li,!1),oa(Wt,r,jr,Mr,B,V,null));let{left:c,top:l,width:u,height:d}=Z;ji=c,Mi=l,Pi=u,Fi=d}function Li(e,t,n,i,a,o,s){Ir=Lr._x=Lr._y=!1,Oi(e,t,n,i,a,o,s,!1,!0);let{left:c,top:l,width:u,height:d}=Z,f=u>0||d>0,p=ji!=c||Mi!=l||Pi!=u||Fi!=d;if(f&&p&&Vr(Z),Lr.setScale&&f&&p){let e=c,t=u,n=l,r=d;if(D.ori==1&&(e=l,t=d,n=c,r=u),Rr&&Wr(S,ri(e,S),ri(e+t,S)),zr)for(let e in b){let t=b[e];e!=S&&t.from==null&&t.min!=K&&Wr(e,ri(n+r,e),ri(n,e))}Ai()}else N.lock&&(N._lock=!N._lock,Ci(t,!0,e!=null));e!=null&&(_e(Gt,tn),oa(Gt,r,Y,X,B,V,null))}function Ri(e,t,n,r,i,a,o){if(N._lock)return;He(e);let s=Ir;if(Ir){let e=!0,t=!0,n,r;D.ori==0?(n=Rr,r=zr):(n=zr,r=Rr),n&&r&&(e=Y<=10||Y>=B-10,t=X<=10||X>=V-10),n&&e&&(Y=Y<jr?0:B),r&&t&&(X=X<Mr?0:V),Ci(null,!0,!0),Ir=!1}Y=-10,X=-10,ae.fill(null),Ci(null,!0,!0),s&&(Ir=s)}function zi(e,t,n,i,a,o,s){N._lock||(He(e),dt(),Ai(),e!=null&&oa(Jt,r,Y,X,B,V,null))}function Bi(){y.forEach(co),Ie(r.width,r.height,!0)}yn(Qt,nn,Bi);let Yi={};Yi.mousedown=Ii,Yi.mousemove=Di,Yi.mouseup=Li,Yi.dblclick=zi,Yi.setSeries=(e,t,n,i)=>{let a=$.match[2];n=a(r,t,n),n!=-1&&Gr(n,i,!0,!1)},F&&(ge(Wt,m,Ii),ge(Ut,m,Di),ge(Kt,m,e=>{He(e),Ei(!1)}),ge(qt,m,Ri),ge(Jt,m,zi),Ka.add(r),r.syncRect=Ei);let Xi=r.hooks=e.hooks||{};function Zi(e,t,n){$n?nr.push([e,t,n]):e in Xi&&Xi[e].forEach(e=>{e.call(null,r,t,n)})}(e.plugins||[]).forEach(e=>{for(let t in e.hooks)Xi[t]=(Xi[t]||[]).concat(e.hooks[t])});let Qi=(e,t,n)=>n,$=Or({key:null,setSeries:!1,filters:{pub:or,sub:or},scales:[S,v[1]?v[1].scale:null],match:[sr,sr,Qi],values:[null,null]},N.sync);$.match.length==2&&$.match.push(Qi),N.sync=$;let ia=$.key,aa=pa(ia);function oa(e,t,n,r,i,a,o){$.filters.pub(e,t,n,r,i,a,o)&&aa.pub(e,t,n,r,i,a,o)}aa.sub(r);function fa(e,t,n,r,i,a,o){$.filters.sub(e,t,n,r,i,a,o)&&Yi[e](null,t,n,r,i,a,o)}r.pub=fa;function ga(){aa.unsub(r),Ka.delete(r),he.clear(),bn(Qt,nn,Bi),l.remove(),L?.remove(),Zi(`destroy`)}r.destroy=ga;function _a(){Zi(`init`,e,t),ut(t||e.data,!1),A[S]?fr(S,A[S]):dt(),Pe=Z.show&&(Z.width>0||Z.height>0),Ne=Fe=!0,Ie(e.width,e.height)}return v.forEach(Ze),y.forEach(tt),n?n instanceof HTMLElement?(n.appendChild(l),_a()):n(r,_a):_a(),r}lo.assign=Or,lo.fmtNum=Rn,lo.rangeNum=Pn,lo.rangeLog=On,lo.rangeAsinh=kn,lo.orient=ga,lo.pxRatio=U,lo.join=Nr,lo.fmtDate=Ur,lo.tzDate=Gr,lo.sync=pa;{lo.addGap=xa,lo.clipGaps=ba;let e=lo.paths={points:Fa};e.linear=za,e.stepped=Ba,e.bars=Ha,e.spline=Wa}var uo=`.uplot,.uplot *,.uplot :before,.uplot :after{box-sizing:border-box}.uplot{width:min-content;font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica Neue,Arial,Noto Sans,sans-serif,Apple Color Emoji,Segoe UI Emoji,Segoe UI Symbol,Noto Color Emoji;line-height:1.5}.u-title{text-align:center;font-size:18px;font-weight:700}.u-wrap{-webkit-user-select:none;user-select:none;position:relative}.u-over,.u-under{position:absolute}.u-under{overflow:hidden}.uplot canvas{width:100%;height:100%;display:block;position:relative}.u-axis{position:absolute}.u-legend{text-align:center;margin:auto;font-size:14px}.u-inline{display:block}.u-inline *{display:inline-block}.u-inline tr{margin-right:16px}.u-legend th{font-weight:600}.u-legend th>*{vertical-align:middle;display:inline-block}.u-legend .u-marker{width:1em;height:1em;margin-right:4px;background-clip:padding-box!important}.u-inline.u-live th:after{content:":";vertical-align:middle}.u-inline:not(.u-live) .u-value{display:none}.u-series>*{padding:4px}.u-series th{cursor:pointer}.u-legend .u-off>*{opacity:.3}.u-select{pointer-events:none;background:#00000012;position:absolute}.u-cursor-x,.u-cursor-y{pointer-events:none;will-change:transform;position:absolute;top:0;left:0}.u-hz .u-cursor-x,.u-vt .u-cursor-y{border-right:1px dashed #607d8b;height:100%}.u-hz .u-cursor-y,.u-vt .u-cursor-x{border-bottom:1px dashed #607d8b;width:100%}.u-cursor-pt{pointer-events:none;will-change:transform;border:0 solid;border-radius:50%;position:absolute;top:0;left:0;background-clip:padding-box!important}.u-axis.u-off,.u-select.u-off,.u-cursor-x.u-off,.u-cursor-y.u-off,.u-cursor-pt.u-off{display:none}`,fo=150,po=60,mo=class extends we{static{this.styles=[Be,a(uo),o`
      :host {
        display: block;
        min-width: 0;
      }
      .place {
        overflow: hidden;
      }
      /* The time is on the axis. */
      .u-legend .u-series:first-child {
        display: none;
      }
      .u-legend {
        font-size: 12px;
        color: var(--ink);
      }
    `]}static{this.properties={lines:{attribute:!1},data:{attribute:!1},label:{type:String},language:{type:String},theme:{type:String,reflect:!0}}}disconnectedCallback(){super.disconnectedCallback(),this.observer?.disconnect(),this.plot?.destroy(),this.plot=void 0}updated(e){(e.has(`lines`)||e.has(`theme`))&&(this.plot?.destroy(),this.plot=void 0),this.plot?this.plot.setData(this.data):this.begin()}begin(){let e=this.renderRoot.querySelector(`.place`);if(!e||e.clientWidth===0){this.watch(this);return}let t=this.theme===`dark`,n=t?`#a3b0c0`:`#5a6675`,r={stroke:t?`#27313d`:`#e6eaef`,width:1},i=new Intl.NumberFormat(this.language,{maximumSignificantDigits:3,notation:`compact`}),a=new Intl.DateTimeFormat(this.language,{minute:`2-digit`,second:`2-digit`});this.plot=new lo({width:e.clientWidth,height:fo,cursor:{y:!1},legend:{live:!0},scales:{x:{range:({data:[e]})=>ho(e)},y:{range:(e,t,n)=>[0,Math.max(1,n*1.1)]}},axes:[{stroke:n,grid:r,size:28,values:(e,t)=>t.map(e=>a.format(e*1e3))},{stroke:n,grid:r,size:48,values:(e,t)=>t.map(e=>i.format(e))}],series:[{value:(e,t)=>t===null?``:a.format(t*1e3),label:` `},...this.lines.map(e=>({label:e.name,stroke:t?e.dark:e.light,width:2,spanGaps:!1,points:{show:!1},value:(e,t)=>t===null?`–`:i.format(t)}))]},this.data,e),this.watch(e)}watch(e){this.observer?.disconnect(),this.observer=new ResizeObserver(()=>{let e=this.renderRoot.querySelector(`.place`)?.clientWidth??0;e!==0&&(this.plot?this.plot.width!==e&&this.plot.setSize({width:e,height:fo}):this.begin())}),this.observer.observe(e)}render(){return R`<div class="place" role="img" aria-label=${this.label}></div>`}};function ho(e){let t=e[e.length-1]??Date.now()/1e3;return[Math.min(e[0]??t,t-po),t]}customElements.define(`flashtix-plot`,mo);var go=o`
  h2 {
    margin: 0 0 10px;
    font-size: 15px;
  }
  .panel {
    padding: 14px 16px;
    border-radius: var(--round);
    background: var(--panel);
    box-shadow: var(--shadow);
  }
  .badge {
    padding: 2px 10px;
    border-radius: 99px;
    font-size: 13px;
    font-weight: 600;
    background: var(--accent-soft);
    color: var(--accent);
    white-space: nowrap;
  }
  .badge.open {
    background: var(--good-soft);
    color: var(--good);
  }
  .badge.paused,
  .badge.test {
    background: var(--warn-soft);
    color: var(--warn);
  }
  .badge.cancelled {
    background: var(--danger-soft);
    color: var(--danger);
  }
  .problem,
  .note,
  .done {
    margin: 8px 0;
    padding: 10px 12px;
    border-radius: 8px;
    overflow-wrap: anywhere;
  }
  .problem {
    background: var(--danger-soft);
    color: var(--danger);
  }
  .note {
    background: var(--warn-soft);
    color: var(--warn);
  }
  .done {
    background: var(--good-soft);
    color: var(--good);
  }
  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 8px 12px;
  }
  .end {
    margin-inline-start: auto;
  }
  label {
    display: grid;
    gap: 3px;
    font-size: 13px;
    color: var(--faint);
  }
  label.check {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 14px;
  }
  th {
    text-align: start;
    font-size: 12px;
    font-weight: 600;
    color: var(--faint);
  }
  th,
  td {
    padding: 6px 10px 6px 0;
    border-bottom: 1px solid var(--line);
    vertical-align: top;
  }
  td.number,
  th.number {
    text-align: end;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .scroll {
    overflow-x: auto;
  }
  .bar {
    display: flex;
    height: 10px;
    border-radius: 99px;
    overflow: hidden;
    background: var(--line);
  }
  .bar svg {
    width: 100%;
    height: 100%;
    display: block;
  }
  .sold {
    fill: var(--accent);
  }
  .held {
    fill: var(--held);
  }
  .blocked {
    fill: var(--faint);
  }
  :host {
    --held: #b26a00;
  }
  :host([theme='dark']) {
    --held: #ffb454;
  }
`,_o={bookings:[`#0b6b3a`,`#9be3b9`],refused:[`#a4161a`,`#ffb3b3`]},vo={p50:[`#1b1f8a`,`#aeb6ff`],p99:[`#7a4b00`,`#ffd58a`]},yo=class extends we{static{this.styles=[Be,go,o`
      :host {
        display: block;
        min-width: 0;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(2, 1fr);
        gap: 4px 18px;
        margin: 10px 0;
        font-size: 14px;
      }
      dl div {
        display: flex;
        justify-content: space-between;
        gap: 8px;
        border-bottom: 1px solid var(--line);
      }
      dt {
        color: var(--faint);
      }
      dd {
        margin: 0;
        font-variant-numeric: tabular-nums;
        text-align: end;
      }
      dd.bad {
        color: var(--danger);
        font-weight: 600;
      }
      h3 {
        margin: 12px 0 2px;
        font-size: 13px;
        font-weight: 600;
      }
      p {
        margin: 8px 0 0;
        font-size: 12px;
      }
    `]}static{this.properties={speech:{attribute:!1},pulse:{attribute:!1},beatCount:{attribute:!1},theme:{type:String,reflect:!0}}}render(){let{room:e}=this.speech.texts,t=this.pulse?.beats??[],n=(t,[n,r])=>({name:e[t],light:n,dark:r}),r=t.map(e=>e.at/1e3),i=e=>e===void 0?null:e*1e3;return R`<h2>${e.health}</h2>
      ${this.figures(t.at(-1))}
      <h3>${e.rates}</h3>
      <flashtix-plot theme=${this.theme} language=${this.speech.language} label=${e.rates} .lines=${this.rateLines??=[n(`bookings`,_o.bookings),n(`refused`,_o.refused)]} .data=${[r,t.map(e=>e.bookings),t.map(e=>e.refused)]}></flashtix-plot>
      <h3>${e.latency}</h3>
      <flashtix-plot theme=${this.theme} language=${this.speech.language} label=${e.latency} .lines=${this.latencyLines??=[n(`p50`,vo.p50),n(`p99`,vo.p99)]} .data=${[r,t.map(e=>i(e.p50)),t.map(e=>i(e.p99))]}></flashtix-plot>
      <p class="quiet">${e.ofNode}</p>`}figures(e){let{language:t,texts:n}=this.speech,{room:r}=n,i=e=>e===void 0?`–`:e.toLocaleString(t,{maximumFractionDigits:+(e<10)}),a=e=>e===void 0?`–`:`${i(e*1e3)} ms`,o=(e,t,n=!1)=>R`<div><dt>${e}</dt><dd class=${n?`bad`:z}>${t}</dd></div>`,s=this.pulse?.health??`unknown`,c=e?.isGateBypassed?r.gateBypassed:e?.hasGate?r.gateOn:r.gateOff,l=Object.entries(e?.refusals??{}).sort(([,e],[,t])=>t-e);return R`<dl>
        ${o(r.requests,i(e?.requests))}${o(r.refused,i(e?.refused))}
        ${o(r.bookings,i(e?.bookings))}${o(r.sold,i(e?.places))}
        ${o(r.p50,a(e?.p50))}${o(r.p99,a(e?.p99))}
        ${o(r.perCommit,i(e?.perCommit))}${o(r.commits,i(e?.commits))}
        ${o(r.batch,a(e?.batchP99))}${o(r.watchers,i(e?.feedClients))}
        ${o(r.store,r[s],s===`unready`||s===`down`)}${o(r.gate,c,e?.isGateBypassed??!1)}
      </dl>
      <h3>${r.refusals}</h3>
      ${l.length===0?R`<span class="quiet">${r.noRefusals}</span>`:R`<dl>${l.map(([e,t])=>o(e,i(t)))}</dl>`}`}};customElements.define(`flashtix-health-panel`,yo);function bo(e,t,n){if(e.prices===null)return 0;let r=Object.hasOwn(e.prices,t)?e.prices[t]:void 0;return typeof r==`number`||r===void 0?r:Object.hasOwn(r,n)?r[n]:void 0}var xo=new Map;function So(e,t,n){let r=`${n} ${t}`,i=xo.get(r);if(!i){try{i=new Intl.NumberFormat(n,{style:`currency`,currency:t})}catch{i=new Intl.NumberFormat(n,{minimumFractionDigits:2})}xo.set(r,i)}return i.format(e/10**Co(t))}function Co(e){try{return new Intl.NumberFormat(`en`,{style:`currency`,currency:e}).resolvedOptions().maximumFractionDigits??2}catch{return 2}}var wo=/^[=+\-@\t\r]/;function To(e){return`${e.map(Eo).join(`,`)}\r\n`}function Eo(e){if(e==null)return``;if(typeof e==`number`)return String(e);let t=wo.test(e)?`'${e}`:e;return/[",\r\n]/.test(t)?`"${t.replaceAll(`"`,`""`)}"`:t}function Do(e,t){let n=URL.createObjectURL(new Blob([`﻿`,...t],{type:`text/csv;charset=utf-8`})),r=document.createElement(`a`);r.href=n,r.download=e,r.click(),setTimeout(()=>URL.revokeObjectURL(n),6e4)}var Oo=1e3,ko=100;async function Ao(e,t,n,r){let i=[To([`order`,`created_at`,`buyer`,`order_status`,`ref`,`payment_ref`,`ticket`,`ticket_status`,`place`,`section`,`row`,`seat`,`category`,`ticket_type`,`code`,`price`,`currency`])],a=e=>(e/10**Co(t.currency)).toFixed(Co(t.currency)),o=null;do{let s=await e.orders(t.id,{limit:Oo,...o===null?{}:{cursor:o}},n);for(let e of s.items)i.push(jo(e,a));r(i.length-1),o=s.next_cursor}while(o!==null);return i}function jo(e,t){let n=[e.id,e.created_at,e.buyer,e.status,e.ref,e.payment_ref];return e.tickets.map(r=>To([...n,r.id,r.status,r.label,r.section,r.row,r.seat,r.category,r.ticket_type,r.code,t(r.price),e.currency])).join(``)}async function Mo(e,t,n,r){let i=[To([`seq`,`at`,`kind`,`actor`,`buyer`,`ignored`,`place`,`area`,`units`,`from`,`to`,`channel`,`ticket_type`,`price`,`hold`,`order`,`ticket`,`hash`])],a=0;for(;;){let o=await e.ledger(t.id,{after:a,limit:ko},n);for(let e of o.items)i.push(No(e));r(i.length-1);let s=o.items.at(-1)?.seq;if(o.next_cursor===null||s===void 0||s<=a)return i;a=s}}function No(e){let t=[e.seq,e.at,e.kind,e.actor,e.buyer,e.ignored.join(` `)];return(e.changes.length>0?e.changes:[{}]).map(n=>To([...t,n.place,n.area,n.units,n.from,n.to,n.channel,n.ticket_type,n.price,n.hold_id,n.order_id,n.ticket_id,e.hash])).join(``)}var Po=60,Fo=40,Io=40,Lo=20,Ro=500,zo=2e3,Bo=class extends we{static{this.styles=[Be,Ve,go,o`
      :host {
        display: block;
      }
      .table {
        max-height: 420px;
        overflow: auto;
        margin-top: 8px;
      }
      td.at {
        white-space: nowrap;
      }
      td.places {
        min-width: 220px;
      }
    `]}static{this.properties={client:{attribute:!1},speech:{attribute:!1},event:{attribute:!1},theme:{type:String,reflect:!0},items:{state:!0},isFollowing:{state:!0},problem:{state:!0},exported:{state:!0},skipped:{state:!0}}}constructor(){super(),this.stopper=new AbortController,this.life=new AbortController,this.seen=0,this.items=[],this.isFollowing=!0,this.skipped=0}disconnectedCallback(){super.disconnectedCallback(),this.stopper.abort(),this.life.abort()}updated(e){e.has(`isFollowing`)&&(this.stopper.abort(),this.stopper=new AbortController,this.isFollowing&&this.follow(this.stopper.signal))}async follow(e){for(;!e.aborted;)try{await this.lookOnce(e),this.problem=void 0,await Fe(Ro,e)}catch(t){if(e.aborted)return;this.problem=H(Ae(t),this.speech),await Fe(zo,e).catch(()=>void 0)}}async lookOnce(e){let{seq:t}=await this.client.event(this.event.id);t<this.seen&&(this.items=[],this.seen=0),t-Fo>this.seen&&(this.seen=t-Fo,this.skipped=this.seen);let n=await this.client.ledger(this.event.id,{after:this.seen,limit:Io,wait:Lo},e),r=n.items.at(-1);r&&(this.seen=r.seq,this.items=[...n.items.reverse(),...this.items].slice(0,Po))}async download(){if(this.exported===void 0){this.exported=0;try{let e=await Mo(this.client,this.event,this.life.signal,e=>this.exported=e);Do(`${this.event.id}-ledger.csv`,e)}catch(e){this.problem=H(Ae(e),this.speech)}finally{this.exported=void 0}}}render(){let{ledger:e}=this.speech.texts;return R`<div class="line">
        <button aria-pressed=${this.isFollowing?`true`:`false`} @click=${()=>this.isFollowing=!this.isFollowing}>${this.isFollowing?e.hold:e.follow}</button>
        <button class="end" ?disabled=${this.exported!==void 0} @click=${()=>void this.download()}>${this.exported===void 0?e.download:e.loading(this.exported)}</button>
      </div>
      ${this.problem?R`<p class="problem" role="alert">${this.problem}</p>`:z}
      ${this.items.length===0?R`<p class="quiet">${e.empty}</p>`:this.table()}`}table(){let{ledger:e}=this.speech.texts;return R`<div class="table" tabindex="0" role="region" aria-label=${e.title}>
      <table>
        <thead><tr><th class="number">seq</th><th>${e.at}</th><th>${e.kind}</th><th>${e.who}</th><th>${e.places}</th><th class="number">${e.amount}</th></tr></thead>
        <tbody>${this.items.map(e=>this.row(e))}</tbody>
      </table>
      ${this.skipped>0?R`<p class="quiet">${e.skipped(this.skipped)}</p>`:z}
    </div>`}row(e){let{ledger:t}=this.speech.texts,n=e.changes.slice(0,4).map(e=>e.place??`${e.units} × ${e.area}`),r=e.changes.length-n.length,i=e.changes.reduce((e,t)=>e+(t.price??0)*(t.units??1),0);return R`<tr>
      <td class="number">${e.seq}</td>
      <td class="at">${it(e.at,this.speech.language)}</td>
      <td>${t.kinds[e.kind]??e.kind}</td>
      <td>${e.buyer??e.actor}</td>
      <td class="places">${n.join(`, `)} ${r>0?t.others(r):``}</td>
      <td class="number">${i>0?So(i,this.event.currency,this.speech.language):``}</td>
    </tr>`}};customElements.define(`flashtix-ledger-panel`,Bo);var Vo=20,Ho=class extends we{static{this.styles=[Be,Ve,go,o`
      :host {
        display: block;
      }
      td.id {
        font-size: 12px;
        overflow-wrap: anywhere;
        min-width: 150px;
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      li {
        display: flex;
        gap: 8px;
        align-items: center;
      }
      li.cancelled {
        text-decoration: line-through;
        color: var(--faint);
      }
      td button {
        min-height: 28px;
        padding: 2px 8px;
        font-size: 13px;
      }
      dialog {
        max-width: 420px;
        border: 1px solid var(--line);
        border-radius: var(--round);
        background: var(--panel);
        color: var(--ink);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
    `]}static{this.properties={client:{attribute:!1},speech:{attribute:!1},event:{attribute:!1},theme:{type:String,reflect:!0},orders:{state:!0},cursor:{state:!0},problem:{state:!0},doomed:{state:!0},isBusy:{state:!0},exported:{state:!0}}}constructor(){super(),this.filter={},this.stopper=new AbortController,this.cursor=null,this.isBusy=!1}connectedCallback(){super.connectedCallback(),this.find({})}disconnectedCallback(){super.disconnectedCallback(),this.stopper.abort()}updated(e){if(!e.has(`doomed`))return;let t=this.renderRoot.querySelector(`dialog`);this.doomed&&!t?.open?t?.showModal():!this.doomed&&t?.open&&t.close()}async run(e){if(!this.isBusy){this.isBusy=!0,this.problem=void 0;try{await e()}catch(e){this.problem=H(Ae(e),this.speech)}finally{this.isBusy=!1}}}find(e){return this.run(async()=>{this.filter=e;let t=await this.client.orders(this.event.id,{...e,limit:Vo});this.orders=t.items,this.cursor=t.next_cursor})}findOne(e){return this.run(async()=>{this.cursor=null,this.orders=[];let t=await this.client.order(e);t.event_id===this.event.id&&(this.orders=[t])})}more(){return this.run(async()=>{let e=await this.client.orders(this.event.id,{...this.filter,limit:Vo,...this.cursor===null?{}:{cursor:this.cursor}});this.orders=[...this.orders??[],...e.items],this.cursor=e.next_cursor})}cancel({order:e,ticket:t}){return this.doomed=void 0,this.run(async()=>{let n=await this.client.cancelOrder(e.id,t?[t.id]:void 0);this.orders=this.orders?.map(e=>e.id===n.id?n:e)})}async download(){if(this.exported===void 0){this.exported=0;try{let e=await Ao(this.client,this.event,this.stopper.signal,e=>this.exported=e);Do(`${this.event.id}-orders.csv`,e)}catch(e){this.problem=H(Ae(e),this.speech)}finally{this.exported=void 0}}}render(){let{texts:e}=this.speech,{orders:t}=e;return R`<form class="line" @submit=${e=>{e.preventDefault();let t=new FormData(e.target),[n,r]=[t.get(`field`),String(t.get(`value`)??``).trim()];r===``?this.find({}):n===`order`?this.findOne(r):this.find({[n]:r})}}>
        <label>${t.by}<select name="field">${Object.entries(t.fields).map(([e,t])=>R`<option value=${e}>${t}</option>`)}</select></label>
        <label>${t.value}<input name="value" maxlength="255" autocomplete="off" /></label>
        <button class="primary" ?disabled=${this.isBusy}>${t.find}</button>
        <button type="button" class="end" ?disabled=${this.exported!==void 0} @click=${()=>void this.download()}>${this.exported===void 0?t.download:t.loading(this.exported)}</button>
      </form>
      ${this.problem?R`<p class="problem" role="alert">${this.problem}</p>`:z}
      <div aria-live="polite">${this.orders?.length===0?R`<p class="quiet">${t.none}</p>`:z}</div>
      ${this.orders&&this.orders.length>0?this.table(this.orders):z}
      ${this.cursor===null?z:R`<button @click=${()=>void this.more()} ?disabled=${this.isBusy}>${e.more}</button>`}
      ${this.sure()}`}table(e){let{orders:t}=this.speech.texts;return R`<div class="scroll" tabindex="0" role="region" aria-label=${t.title}>
      <table>
        <thead><tr><th>${t.fields.order}</th><th>${t.buyer}</th><th>${t.made}</th><th>${t.places}</th><th class="number">${t.amount}</th><th><span class="hidden">${t.cancelAll}</span></th></tr></thead>
        <tbody>${e.map(e=>this.row(e))}</tbody>
      </table>
    </div>`}row(e){let{orders:t}=this.speech.texts,n=e.status===`confirmed`;return R`<tr>
      <td class="id">${e.id}<br /><span class="quiet">${t.status[e.status]??e.status}${e.payment_ref?` · ${e.payment_ref}`:``}</span></td>
      <td>${e.buyer}</td>
      <td>${rt(e.created_at,this.speech.language)}</td>
      <td><ul>${e.tickets.map(n=>R`<li class=${n.status}>${n.label}
          ${n.status===`valid`&&e.tickets.length>1?R`<button class="plain" aria-label=${t.cancelTicket(n.label)} @click=${()=>this.doomed={order:e,ticket:n}}>✕</button>`:z}</li>`)}</ul></td>
      <td class="number">${So(e.amount-e.amount_cancelled,e.currency,this.speech.language)}</td>
      <td>${n?R`<button class="danger" ?disabled=${this.isBusy} @click=${()=>this.doomed={order:e}}>${t.cancelAll}</button>`:z}</td>
    </tr>`}sure(){let{texts:e}=this.speech,{doomed:t}=this,n=t?.order.tickets.filter(e=>e.status===`valid`).length??0;return R`<dialog aria-labelledby="question" @close=${()=>this.doomed=void 0}>
      <p id="question">${t?t.ticket?e.orders.sureTicket(t.ticket.label,t.order.buyer):e.orders.sureAll(t.order.buyer,n):``}</p>
      <div class="line">
        <button @click=${()=>this.doomed=void 0}>${e.cancel}</button>
        <button class="danger" @click=${()=>t&&void this.cancel(t)}>${e.orders.yes}</button>
      </div>
    </dialog>`}};customElements.define(`flashtix-orders-panel`,Ho);var Uo=2e4;function Wo(e){let t=new Map;for(let n of e.split(`
`)){if(n===``||n.startsWith(`#`))continue;let e=n.lastIndexOf(`}`),r=n.indexOf(` `,Math.max(0,e));if(r<0)continue;let i=Number(n.slice(r+1).split(` `)[0]);if(Number.isFinite(i)&&t.set(n.slice(0,r),i),t.size>=Uo)break}return t}function Go(e,t,n,r){if(n<=0)return;let i=n=>(t.get(n)??0)-(e.get(n)??0);if([`flashtix_commits_total`,`flashtix_booking_duration_seconds_count`,`flashtix_places_sold_total`].some(e=>i(e)<0))return;let a={},o=0;for(let e of t.keys()){let t=/^flashtix_refusals_total\{code="([a-z_]+)"\}$/.exec(e)?.[1];if(t===void 0)continue;let r=i(e)/n;r>0&&(a[t]=r),o+=r}let s=i(`flashtix_bookings_per_commit_count`),c=i(`flashtix_bookings_per_commit_sum`);return{at:r,requests:i(`flashtix_booking_duration_seconds_count`)/n,bookings:c/n,places:i(`flashtix_places_sold_total`)/n,refusals:a,refused:o,commits:i(`flashtix_commits_total`)/n,perCommit:s>0?c/s:void 0,p50:Ko(e,t,`flashtix_booking_duration_seconds`,.5),p99:Ko(e,t,`flashtix_booking_duration_seconds`,.99),batchP99:Ko(e,t,`flashtix_batch_seconds`,.99),shed:i(`flashtix_shed_total`),conflicts:i(`flashtix_conflicts_total`),storeFailures:i(`flashtix_store_failures_total`),reloads:i(`flashtix_desk_reloads_total`),isGateBypassed:(t.get(`flashtix_gate_bypassed`)??0)>0,hasGate:t.has(`flashtix_gate_lost_total`)||t.has(`flashtix_gate_failures_total`),feedClients:t.get(`flashtix_feed_clients`)??0,poolWaiting:t.get(`flashtix_pool_waiting`)??0}}function Ko(e,t,n,r){let i=[],a=`${n}_bucket{le="`;for(let n of t.keys()){if(!n.startsWith(a))continue;let r=n.slice(a.length,-2),o=r===`+Inf`?1/0:Number(r);Number.isNaN(o)||i.push({bound:o,count:(t.get(n)??0)-(e.get(n)??0)})}i.sort((e,t)=>e.bound-t.bound);let o=i.at(-1)?.count??0;if(o<=0)return;let s=r*o,c=i.findIndex(e=>e.count>=s),l=i[c];if(!l)return;let u=i[c-1]??{bound:0,count:0};if(l.bound===1/0)return u.bound;let d=l.count-u.count;return d<=0?l.bound:u.bound+(l.bound-u.bound)*(s-u.count)/d}var qo=1e3,Jo=5e3,Yo=class extends EventTarget{constructor(e){super(),this.client=e,this.beats=[],this.health=`unknown`,this.stopper=new AbortController}get latest(){return this.beats.at(-1)}start(){this.run()}stop(){this.stopper.abort()}async run(){let{signal:e}=this.stopper;for(;!e.aborted;){let t=performance.now();await this.look(),this.dispatchEvent(new Event(`beat`)),await Fe(Math.max(100,qo-(performance.now()-t)),e).catch(()=>void 0)}}async look(){let e={signal:this.stopper.signal,attempts:1,timeoutMs:Jo};try{await this.client.call(`/readyz`,e),this.health=`ready`,this.problem=void 0}catch(e){if(this.stopper.signal.aborted)return;if(this.problem=Ae(e),this.health=this.problem.status===0?`down`:this.problem.status===404?`hidden`:`unready`,this.health===`down`){this.last=void 0;return}}try{let t=Wo(await this.client.text(`/metrics`,e)),n=performance.now(),r=this.last&&Go(this.last.reading,t,(n-this.last.at)/1e3,Date.now());this.last={reading:t,at:n},r&&this.beats.push(r),this.beats.length>180&&this.beats.shift()}catch{this.last=void 0}}},Xo=[`free`,`held`,`sold`,`blocked`,`taken`],Zo={free:0,held:0,sold:0,blocked:0};function Qo(e){return e===`f`?0:e===`h`?1:e===`s`?2:e===`b`?3:4}function $o(e){return Xo[e]??`taken`}var es=class{constructor(e){this.venue=e,this.areas=new Map,this.dirty=new Set,this.isAllDirty=!0,this.seq=0,this.seats=new Uint8Array(e.size).fill(4),this.freeBySection=new Uint32Array(e.sections.length)}replace(e){if(e.seats.length!==this.venue.size)return!1;for(let t=0;t<this.venue.size;t++)this.seats[t]=Qo(e.seats.charAt(t));this.freeBySection.fill(0);for(let e=0;e<this.venue.size;e++)this.seats[e]===0&&(this.freeBySection[this.venue.section[e]]+=1);this.areas.clear();for(let[t,n]of Object.entries(e.areas??{}))ts(n)&&this.areas.set(t,n);return this.seq=e.seq,this.isAllDirty=!0,!0}apply(e){let t=Object.entries(e.seats??{}),n=Object.entries(e.areas??{});for(let[e,n]of t)if(!/^\d{1,9}$/.test(e)||Number(e)>=this.venue.size||typeof n!=`string`)return!1;if(!n.every(([,e])=>ts(e)))return!1;if(e.seq<=this.seq)return!0;for(let[e,n]of t)this.set(Number(e),Qo(n));for(let[e,t]of n)this.areas.set(e,t);return this.seq=e.seq,!0}set(e,t){let n=this.seats[e];if(n===t)return;let r=this.venue.section[e];n===0&&--this.freeBySection[r],t===0&&(this.freeBySection[r]+=1),this.seats[e]=t,this.dirty.add(e)}isFree(e){return this.seats[e]===0}area(e){return this.areas.get(e)??Zo}totals(){let e={...Zo};for(let t of this.seats)t===0?e.free+=1:t===2?e.sold+=1:t===3?e.blocked+=1:e.held+=1;for(let t of this.areas.values())e.free+=t.free,e.held+=t.held,e.sold+=t.sold,e.blocked+=t.blocked;return e}drain(){let e=this.isAllDirty?void 0:this.dirty;return this.dirty=new Set,this.isAllDirty=!1,e}};function ts(e){if(typeof e!=`object`||!e)return!1;let{free:t,held:n,sold:r,blocked:i}=e;return[t,n,r,i].every(e=>Number.isSafeInteger(e)&&e>=0)}var ns=512,rs=class{constructor(e){this.venue=e;let{box:t}=e,n=Math.max(t.right-t.left,t.bottom-t.top,e.pitch);this.cell=Math.max(e.pitch*2,n/ns),this.left=t.left,this.top=t.top,this.columns=Math.max(1,Math.ceil((t.right-t.left)/this.cell)+1),this.rows=Math.max(1,Math.ceil((t.bottom-t.top)/this.cell)+1),this.starts=new Uint32Array(this.columns*this.rows+1),this.order=new Uint32Array(e.size);let r=new Uint32Array(e.size);for(let t=0;t<e.size;t++){let n=this.row(e.y[t])*this.columns+this.column(e.x[t]);r[t]=n,this.starts[n+1]+=1}for(let e=0;e<this.columns*this.rows;e++)this.starts[e+1]+=this.starts[e];let i=this.starts.slice();for(let t=0;t<e.size;t++)this.order[i[r[t]]++]=t}nearest(e,t,n){let r,i=n*n;return this.within(e-n,t-n,e+n,t+n,n=>{let a=(this.venue.x[n]-e)**2+(this.venue.y[n]-t)**2;a<=i&&(i=a,r=n)}),r}within(e,t,n,r,i){let{x:a,y:o}=this.venue;for(let s=this.row(t);s<=this.row(r);s++){let c=this.starts[s*this.columns+this.column(e)],l=this.starts[s*this.columns+this.column(n)+1];for(let s=c;s<l;s++){let c=this.order[s];a[c]>=e&&a[c]<=n&&o[c]>=t&&o[c]<=r&&i(c)}}}column(e){return Math.max(0,Math.min(this.columns-1,Math.floor((e-this.left)/this.cell)))}row(e){return Math.max(0,Math.min(this.rows-1,Math.floor((e-this.top)/this.cell)))}},is=2e3;function as(e,t,n,r){if(r<=n)return{left:0,top:0,right:0,bottom:0};let i={left:1/0,top:1/0,right:-1/0,bottom:-1/0};for(let a=n;a<r;a++)i.left=Math.min(i.left,e[a]??0),i.right=Math.max(i.right,e[a]??0),i.top=Math.min(i.top,t[a]??0),i.bottom=Math.max(i.bottom,t[a]??0);return i}function os(e){return{x:(e.left+e.right)/2,y:(e.top+e.bottom)/2}}function ss(e){let t=[...e].sort((e,t)=>e[0]-t[0]||e[1]-t[1]);if(t.length<3)return t;let n=e=>{let t=[];for(let n of e){for(;t.length>1&&cs(t[t.length-2],t[t.length-1],n)<=0;)t.pop();t.push(n)}return t.pop(),t};return[...n(t),...n(t.reverse())]}function cs(e,t,n){return(t[0]-e[0])*(n[1]-e[1])-(t[1]-e[1])*(n[0]-e[0])}function ls(e,t,n){let r=n=>[e[n]??0,t[n]??0],i=n.filter(e=>e.end>e.first).map(e=>{let[t,n]=[r(e.first),r(e.end-1)];return{a:t,b:n,row:e}}),a=i[0],o=i[i.length-1];if(!a||!o)return[];let s=[a.b[0]-a.a[0],a.b[1]-a.a[1]];if(!i.every(({a:e,b:t,row:n})=>n.end-n.first>1&&(t[0]-e[0])*s[0]+(t[1]-e[1])*s[1]>0)){let e=[];for(let{row:t}of i)for(let n=t.first;n<t.end;n++)e.push(r(n));return ss(e)}let c=e=>{let t=[],n=Math.max(1,Math.floor((e.end-e.first)/24));for(let i=e.first;i<e.end-1;i+=n)t.push(r(i));return t.push(r(e.end-1)),t},l=i.slice(1,-1);return[...c(a.row),...l.map(e=>e.b),...i.length>1?c(o.row).reverse():[],...l.map(e=>e.a).reverse()]}function us(e,t,n){let r=!1;for(let i=0,a=e.length-1;i<e.length;a=i++){let[o,s]=e[i],[c,l]=e[a];s>n!=l>n&&t<(c-o)*(n-s)/(l-s)+o&&(r=!r)}return r}function ds(e,t){if(typeof e!=`object`||!e)return;let{points:n}=e;if(!Array.isArray(n)||n.length<3||n.length>is)return;let r=[];for(let e of n){if(!Array.isArray(e))return;let[n,i]=e;if(typeof n!=`number`||typeof i!=`number`||!(Math.abs(n)<=1e7)||!(Math.abs(i)<=1e7))return;r.push([n-t.x,i-t.y])}return r}var fs=[`#0072B2`,`#E69F00`,`#009E73`,`#CC79A7`,`#56B4E9`,`#D55E00`,`#8C6BB1`,`#7A7A00`],ps=/^#[0-9a-f]{6}$/i;function ms(e){return(e?.sections??[]).reduce((e,t)=>e+t.rows.reduce((e,t)=>e+t.seats.length,0),0)}function hs(e,t,n){let r=Es(e?.categories??[],n),i=new Map(r.map((e,t)=>[e.key,t])),a=ms(e),o={name:e?.name??``,size:a,x:new Float32Array(a),y:new Float32Array(a),category:new Uint16Array(a),section:new Uint16Array(a),row:new Uint32Array(a),flags:new Uint8Array(a),labels:Array(a),categories:r,sections:[],rows:[],areas:[],pitch:1,box:{left:0,top:0,right:1,bottom:1},focal:void 0},s=bs(e);e&&gs(o,e,i,s),o.pitch=xs(o);for(let e of o.sections)e.box=as(o.x,o.y,e.first,e.end),e.border=ls(o.x,o.y,e.rows),e.middle=os(e.box),Ss(o,e);return o.box=Cs(o),e?.focal_point&&vs(e.focal_point.x)&&vs(e.focal_point.y)&&(o.focal={x:e.focal_point.x-s.x,y:e.focal_point.y-s.y}),Ts(o,e,t,i,s),o}function gs(e,t,n,r){let i=0;for(let a of t.sections){let t=i,o=[];for(let t of a.rows){let s=i;for(let o of t.seats)e.x[i]=ys(o.x)-r.x,e.y[i]=ys(o.y)-r.y,e.category[i]=n.get(o.category)??0,e.section[i]=e.sections.length,e.row[i]=e.rows.length,e.flags[i]=+!!o.accessible|(o.attributes?.includes(`companion`)?2:0)|(o.attributes?.includes(`restricted_view`)?4:0),e.labels[i]=`${a.name}-${t.label}-${o.label}`,i+=1;let c={label:String(t.label),first:s,end:i,section:e.sections.length};o.push(c),e.rows.push(c)}e.sections.push({name:String(a.name),first:t,end:i,rows:o,box:{left:0,top:0,right:0,bottom:0},border:[],middle:{x:0,y:0}})}}function _s(e,t){let n=e.rows[e.row[t]??0],r=e.sections[e.section[t]??0];return(e.labels[t]??``).slice((r?.name.length??0)+(n?.label.length??0)+2)}function vs(e){return typeof e==`number`&&Number.isFinite(e)}function ys(e){return vs(e)?Math.max(-1e7,Math.min(1e7,e)):0}function bs(e){let t={left:1/0,top:1/0,right:-1/0,bottom:-1/0};for(let n of e?.sections??[])for(let e of n.rows)for(let n of e.seats)t.left=Math.min(t.left,ys(n.x)),t.right=Math.max(t.right,ys(n.x)),t.top=Math.min(t.top,ys(n.y)),t.bottom=Math.max(t.bottom,ys(n.y));return Number.isFinite(t.left)?os(t):{x:0,y:0}}function xs(e){let t=[],n=Math.max(1,Math.floor(e.size/5e3));for(let r=n;r<e.size;r+=n){if(e.row[r]!==e.row[r-1])continue;let n=Math.hypot((e.x[r]??0)-(e.x[r-1]??0),(e.y[r]??0)-(e.y[r-1]??0));n>1e-6&&t.push(n)}if(t.length>0)return t.sort((e,t)=>e-t),t[Math.floor(t.length/2)]??1;let r=as(e.x,e.y,0,e.size),i=Math.max(r.right-r.left,r.bottom-r.top);return i>0?i/Math.max(2,Math.sqrt(e.size)):1}function Ss(e,t){let n=1/0,r=t.middle;for(let i=t.first;i<t.end;i++){let a=e.x[i]??0,o=e.y[i]??0,s=(a-t.middle.x)**2+(o-t.middle.y)**2;s<n&&(n=s,r={x:a,y:o})}n>(e.pitch*3)**2&&(t.middle=r)}function Cs(e){let t=as(e.x,e.y,0,e.size);if(e.size<100)return t;let n={left:ws(e.x,.01),right:ws(e.x,.99),top:ws(e.y,.01),bottom:ws(e.y,.99)},r=Math.max(n.right-n.left,e.pitch),i=Math.max(n.bottom-n.top,e.pitch);return t.right-t.left>8*r||t.bottom-t.top>8*i?{left:n.left-r/4,right:n.right+r/4,top:n.top-i/4,bottom:n.bottom+i/4}:t}function ws(e,t){let n=Float32Array.from(e).sort();return n[Math.min(n.length-1,Math.floor(n.length*t))]??0}function Ts(e,t,n,r,i){let a=new Map((t?.areas??[]).map(e=>[e.name,e.shape])),o=e.size>0?Math.max((e.box.right-e.box.left)/5,e.pitch*8):100,s=e.size>0?e.box.left:0,c=e.size>0?e.box.bottom+o*.2:0,l=0;for(let t of n){let n=ds(a.get(t.name),i);n||(n=[[s,c],[s+o*.94,c],[s+o*.94,c+o*.5],[s,c+o*.5]],l+=1,s+=o,l%5==0&&(s=e.size>0?e.box.left:0,c+=o*.56));let u=as(n.map(e=>e[0]),n.map(e=>e[1]),0,n.length);e.areas.push({name:t.name,capacity:t.capacity,category:r.get(t.category)??0,border:n,box:u,middle:os(u)})}let u=e.areas.map(e=>e.box);e.size>0&&u.push(e.box),u.length!==0&&(e.box={left:Math.min(...u.map(e=>e.left)),top:Math.min(...u.map(e=>e.top)),right:Math.max(...u.map(e=>e.right)),bottom:Math.max(...u.map(e=>e.bottom))})}function Es(e,t){let n=new Set(e.map(e=>e.key));return[...e,...t.filter(e=>!n.has(e)).map(e=>({key:e,name:e,color:``}))].map((e,t)=>({key:e.key,name:e.name||e.key,color:ps.test(e.color??``)?e.color:fs[t%fs.length]??`#0072B2`}))}var Ds={isDark:!1,surface:`#f6f7f9`,block:`#ffffff`,blockEdge:`#d5dae1`,ink:`#18202b`,faint:`#5a6675`,gone:`#e3e7ec`,goneEdge:`#bcc4ce`,held:`#aab4c0`,accent:`#1b1f8a`,onAccent:`#ffffff`},Os={isDark:!0,surface:`#11151c`,block:`#1a212b`,blockEdge:`#323d4b`,ink:`#eef2f7`,faint:`#a3b0c0`,gone:`#242d39`,goneEdge:`#3f4c5c`,held:`#5b6a7c`,accent:`#aeb6ff`,onAccent:`#11151c`};function ks(e){let t=Number.parseInt(e.slice(1),16);return[t>>16&255,t>>8&255,t&255]}function As(e,t,n){let[r,i]=[ks(e),ks(t)],a=e=>Math.round(r[e]+(i[e]-r[e])*n).toString(16).padStart(2,`0`);return`#${a(0)}${a(1)}${a(2)}`}function js(e){return Ms(e)>.179?`#000000`:`#ffffff`}function Ms(e){let[t,n,r]=ks(e).map(e=>{let t=e/255;return t<=.04045?t/12.92:((t+.055)/1.055)**2.4});return .2126*t+.7152*n+.0722*r}var Ns=14,Ps=7,Fs=class{constructor(e,t,n){this.diameter=e,this.colors=t,this.theme=n,this.made=new Map,this.canvas=document.createElement(`canvas`)}get hasPhases(){return this.diameter<=Ns}get(e,t,n){let r=((((((e.category*8+e.status)*2+ +!!e.isChosen)*2+ +!!e.isMine)*2+ +!!e.isFaded)*2+(e.flags&1))*4+t)*4+n,i=this.made.get(r);return i||(i=this.draw(e,t/4,n/4),this.made.set(r,i)),i}draw(e,t,n){let{diameter:r,canvas:i,theme:a}=this,o=Math.ceil(r)+2;i.width=o,i.height=o;let s=i.getContext(`2d`,{willReadFrequently:!0}),c={x:o/2+t,y:o/2+n},l=r/2,u=this.colors[e.category]??`#0072B2`,d=r>=Ps,f=e.isFaded&&!e.isMine&&!e.isChosen?As(u,a.surface,.72):u,p=a.held;e.isMine||e.isChosen?p=a.accent:e.status===0?p=f:(e.status===2||e.status===3)&&(p=d?a.goneEdge:a.gone),s.fillStyle=p,this.shape(s,e,c,l),s.fill(),d&&this.mark(s,e,c,l,p);let m=s.getImageData(0,0,o,o);return{size:o,pixels:new Uint32Array(m.data.buffer.slice(0))}}shape(e,t,{x:n,y:r},i){e.beginPath(),t.flags&1?e.roundRect(n-i,r-i,2*i,2*i,i*.3):e.arc(n,r,i,0,2*Math.PI)}mark(e,t,n,r,i){let{theme:a}=this,{x:o,y:s}=n;e.globalCompositeOperation=`source-atop`,e.lineWidth=Math.max(1,r*.24),e.lineCap=`round`,e.lineJoin=`round`,t.isMine||t.isChosen?(e.strokeStyle=a.onAccent,e.beginPath(),e.moveTo(o-r*.42,s+r*.04),e.lineTo(o-r*.1,s+r*.38),e.lineTo(o+r*.46,s-r*.34),e.stroke()):t.status===2?(e.fillStyle=a.gone,this.shape(e,t,n,r-Math.max(1,r*.14)),e.fill()):t.status===3?(e.fillStyle=a.gone,this.shape(e,t,n,r-Math.max(1,r*.14)),e.fill(),e.strokeStyle=a.goneEdge,e.beginPath(),e.moveTo(o-r*.45,s-r*.45),e.lineTo(o+r*.45,s+r*.45),e.moveTo(o+r*.45,s-r*.45),e.lineTo(o-r*.45,s+r*.45),e.stroke()):t.status===0?t.flags&1&&r>=5&&(e.fillStyle=js(i),e.font=`${Math.round(r*1.5)}px system-ui, sans-serif`,e.textAlign=`center`,e.textBaseline=`middle`,e.fillText(`♿︎`,o,s+r*.08)):(e.strokeStyle=a.surface,e.beginPath(),e.moveTo(o,s-r*.5),e.lineTo(o,s),e.lineTo(o+r*.36,s+r*.2),e.stroke()),e.globalCompositeOperation=`source-over`}},Is=2.6,Ls=.8,Rs=class e{constructor(e,t){this.canvas=e,this.venue=t,this.words=new Uint32Array,this.look={status:0,category:0,flags:0,isChosen:!1,isMine:!1,isFaded:!1},this.isEmpty=!0,this.context=e.getContext(`2d`)}setVenue(e){this.venue=e,this.sprites=void 0}forget(){this.sprites=void 0}static isShown(e,t){return e.scale*t.pitch>=Is}drawAll(t,n,r,i){let{width:a,height:o}=this.canvas;if(!e.isShown(t,this.venue)){this.isEmpty||this.context.clearRect(0,0,a,o),this.isEmpty=!0;return}this.isEmpty=!1,!this.image||this.image.width!==a||this.image.height!==o?(this.image=new ImageData(a,o),this.words=new Uint32Array(this.image.data.buffer)):this.words.fill(0),this.fitSprites(t,n,r);let{x:s,y:c,size:l}=this.venue,u=t.seen(),d=this.venue.pitch;for(let e=0;e<l;e++){let r=s[e],a=c[e];r<u.left-d||r>u.right+d||a<u.top-d||a>u.bottom+d||this.copy(e,t,n,i)}this.context.putImageData(this.image,0,0)}drawSome(e,t,n,r,i){if(this.isEmpty||!this.image)return;this.fitSprites(t,n,r);let a={left:1/0,top:1/0,right:-1/0,bottom:-1/0};for(let r of e){let e=this.copy(r,t,n,i);e&&(a.left=Math.min(a.left,e.x),a.top=Math.min(a.top,e.y),a.right=Math.max(a.right,e.x+e.size),a.bottom=Math.max(a.bottom,e.y+e.size))}if(a.right<=a.left)return;let o=Math.max(0,a.left),s=Math.max(0,a.top);this.context.putImageData(this.image,0,0,o,s,a.right-o,a.bottom-s)}fitSprites(e,t,n){let r=Math.max(2,Math.round(e.scale*this.venue.pitch*Ls*t*4)/4);this.sprites?.diameter!==r&&(this.sprites=new Fs(r,this.venue.categories.map(e=>e.color),n))}copy(e,t,n,r){let i=this.sprites,a=t.scale*n,o=(this.venue.x[e]-t.x)*a+t.width*n/2,s=(this.venue.y[e]-t.y)*a+t.height*n/2,c=(Math.ceil(i.diameter)+2)/2,l=Math.floor(o-c),u=Math.floor(s-c),d=0,f=0;i.hasPhases?(d=Math.floor((o-c-l)*4),f=Math.floor((s-c-u)*4)):(l=Math.round(o-c),u=Math.round(s-c));let{width:p,height:m}=this.canvas,h=this.look;r(e,h);let{size:g,pixels:_}=i.get(h,d,f);if(l+g<=0||u+g<=0||l>=p||u>=m)return;let v=this.words,y=Math.max(0,-l),b=Math.min(g,p-l),x=Math.min(g,m-u);for(let e=Math.max(0,-u);e<x;e++){let t=e*g+y,n=(u+e)*p+l+y;for(let e=y;e<b;e++,t++,n++){let e=_[t];e>>>24&&e>>>24>=v[n]>>>24&&(v[n]=e)}}return{x:l,y:u,size:g}}},zs=11,Bs=15;function Vs(e,t){let{viewport:n,theme:r,venue:i}=t;e.fillStyle=r.surface,e.fillRect(0,0,n.width,n.height),Zs(e,t);for(let n of i.areas)Xs(e,t,n);let a=Rs.isShown(n,i);for(let[n,o]of i.sections.entries())Us(o,t)&&(a?Gs(e,t,o,r.block,r.blockEdge):Ks(e,t,o,n))}function Hs(e,t){let{viewport:n,venue:r}=t,i=n.scale*r.pitch;i>=Bs&&Js(e,t),i<zs&&qs(e,t)}function Us(e,{viewport:t}){let n=t.seen(),{box:r}=e;return r.right>=n.left&&r.left<=n.right&&r.bottom>=n.top&&r.top<=n.bottom}function Ws(e,t,n){e.beginPath();for(let[r,[i,a]]of t.entries()){let t=n.toPixels(i,a);r===0?e.moveTo(t.x,t.y):e.lineTo(t.x,t.y)}e.closePath()}function Gs(e,{venue:t,viewport:n},r,i,a){Ws(e,r.border,n),e.lineJoin=`round`,e.lineWidth=t.pitch*n.scale*1.15+2,e.strokeStyle=a,e.stroke(),e.lineWidth-=2,e.strokeStyle=i,e.stroke(),e.fillStyle=i,e.fill()}function Ks(e,t,n,r){let{venue:i,theme:a,occupancy:o}=t,s=n.end-n.first,c=i.category[n.first]??0,l=i.categories[c]?.color??a.held,u=o.freeBySection[r]??0,d=s>0?u/s:0,f=u>0&&t.isWanted(c);Gs(e,t,n,f?As(As(l,a.gone,.7),l,d):a.gone,f?As(l,a.ink,.25):a.goneEdge)}function qs(e,t){let{venue:n,viewport:r,theme:i,occupancy:a}=t;e.textAlign=`center`,e.textBaseline=`middle`,e.lineJoin=`round`;let o=[],s=[...n.sections.entries()].sort(([,e],[,t])=>t.end-t.first-(e.end-e.first));for(let[n,c]of s){if(!Us(c,t))continue;let s=Math.max(c.box.right-c.box.left,c.box.bottom-c.box.top)*r.scale;if(s<22)continue;let l=r.toPixels(c.middle.x,c.middle.y);e.font=`600 12px system-ui, sans-serif`;let u=e.measureText(c.name).width+8;if(o.some(e=>Math.abs(e.x-l.x)<(e.w+u)/2&&Math.abs(e.y-l.y)<15))continue;o.push({x:l.x,y:l.y,w:u});let d=a.freeBySection[n]??0,f=s>70;Ys(e,c.name,l.x,l.y-(f?7:0),d>0?i.ink:i.faint,i),f&&(e.font=`11px system-ui, sans-serif`,Ys(e,t.left(d),l.x,l.y+8,d>0?i.ink:i.faint,i))}}function Js(e,t){let{venue:n,viewport:r,theme:i}=t;e.font=`11px system-ui, sans-serif`,e.textAlign=`center`,e.textBaseline=`middle`;for(let a of n.sections)if(Us(a,t)){for(let t of a.rows)if(!(t.end-t.first<2))for(let[a,o]of[[t.first,t.first+1],[t.end-1,t.end-2]]){let s=2*n.x[a]-n.x[o],c=2*n.y[a]-n.y[o],l=r.toPixels(s,c);l.x<-20||l.y<-20||l.x>r.width+20||l.y>r.height+20||Ys(e,t.label,l.x,l.y,i.faint,i)}}}function Ys(e,t,n,r,i,a){e.lineWidth=3.5,e.lineJoin=`round`,e.strokeStyle=a.block,e.strokeText(t,n,r),e.fillStyle=i,e.fillText(t,n,r)}function Xs(e,t,n){let{venue:r,viewport:i,theme:a,occupancy:o}=t,s=o.area(n.name),c=r.categories[n.category]?.color??a.held,l=n.capacity>0?s.free/n.capacity:0,u=s.free>0&&t.isWanted(n.category),d=u?As(As(c,a.block,.82),As(c,a.block,.25),l):a.gone;Ws(e,n.border,i),e.fillStyle=d,e.fill(),e.lineWidth=1.5,e.strokeStyle=u?c:a.goneEdge,e.stroke();let f=(n.box.right-n.box.left)*i.scale;if(f<40)return;let p=i.toPixels(n.middle.x,n.middle.y),m=js(d);e.textAlign=`center`,e.textBaseline=`middle`,e.fillStyle=m,e.font=`600 14px system-ui, sans-serif`,e.fillText(n.name.slice(0,Math.max(4,Math.floor(f/8))),p.x,p.y-8),e.font=`12px system-ui, sans-serif`,e.fillText(t.left(s.free),p.x,p.y+9)}function Zs(e,{venue:t,viewport:n,theme:r,stage:i}){let{focal:a}=t;if(!a||t.areas.some(({box:e})=>a.x>=e.left&&a.x<=e.right&&a.y>e.top&&a.y<=e.bottom))return;let o=n.toPixels(a.x,a.y),s=Math.max(70,t.pitch*16*n.scale),c=Math.max(22,t.pitch*3.5*n.scale);e.beginPath(),e.roundRect(o.x-s/2,o.y-c,s,c,Math.min(10,c/3)),e.fillStyle=r.isDark?`#39465a`:`#2b3544`,e.fill(),e.fillStyle=`#ffffff`,e.font=`600 ${Math.min(18,Math.max(11,c*.4))}px system-ui, sans-serif`,e.textAlign=`center`,e.textBaseline=`middle`,e.fillText(i,o.x,o.y-c/2)}var Qs=6,$s=280,ec=class{constructor(e,t,n){this.element=e,this.viewport=t,this.handlers=n,this.pointers=new Map,this.isDragging=!1,this.wasPinching=!1,this.lastTap={at:0,x:0,y:0},this.stopper=new AbortController,this.down=e=>{if(e.button!==0)return;let t=this.place(e);this.pointers.set(e.pointerId,t);try{this.element.setPointerCapture(e.pointerId)}catch{}this.pointers.size===1?(this.start=t,this.isDragging=!1,this.wasPinching=!1):this.wasPinching=!0},this.move=e=>{let t=this.place(e),n=this.pointers.get(e.pointerId);n?(this.pointers.size===1?this.drag(n,t):this.pointers.size===2&&this.pinch(e.pointerId,n,t),this.pointers.set(e.pointerId,t)):e.pointerType!==`touch`&&this.handlers.hovered(t.x,t.y)},this.up=e=>{let t=this.place(e),n=this.pointers.delete(e.pointerId),{start:r}=this;if(!n||this.pointers.size>0||!r||this.wasPinching)return;if(this.start=void 0,this.isDragging){this.handlers.isPainting()&&this.handlers.framed(tc(r,t),!0);return}let i=e.timeStamp-this.lastTap.at<$s&&Math.hypot(t.x-this.lastTap.x,t.y-this.lastTap.y)<30;this.lastTap={at:i?0:e.timeStamp,...t},this.handlers.tapped(t.x,t.y,i?`double`:e.pointerType)},this.cancel=e=>{this.pointers.delete(e.pointerId),this.start=void 0},this.wheel=e=>{e.preventDefault();let t=this.place(e),n=e.deltaMode===1?16:e.deltaMode===2?400:1,r=Math.max(-200,Math.min(200,e.deltaY*n));this.viewport.zoomAt(t.x,t.y,Math.exp(-r*(e.ctrlKey?.01:.0022))),this.handlers.moved()};let r={signal:this.stopper.signal};e.addEventListener(`pointerdown`,this.down,r),e.addEventListener(`pointermove`,this.move,r),e.addEventListener(`pointerup`,this.up,r),e.addEventListener(`pointercancel`,this.cancel,r),e.addEventListener(`pointerleave`,()=>this.handlers.left(),r),e.addEventListener(`wheel`,this.wheel,{...r,passive:!1})}stop(){this.stopper.abort()}place(e){let t=this.element.getBoundingClientRect();return{x:e.clientX-t.left,y:e.clientY-t.top}}drag(e,t){let{start:n}=this;if(!n||this.wasPinching||!this.isDragging&&Math.hypot(t.x-n.x,t.y-n.y)<Qs)return;let r=!this.isDragging;if(this.isDragging=!0,this.handlers.isPainting()){this.handlers.framed(tc(n,t),!1);return}let i=r?n:e;this.viewport.panBy(t.x-i.x,t.y-i.y),this.handlers.moved()}pinch(e,t,n){let r=[...this.pointers].find(([t])=>t!==e)?.[1];if(!r)return;let[i,a]=[Math.hypot(n.x-r.x,n.y-r.y),Math.hypot(t.x-r.x,t.y-r.y)];this.viewport.panBy((n.x-t.x)/2,(n.y-t.y)/2),a>1&&this.viewport.zoomAt((n.x+r.x)/2,(n.y+r.y)/2,i/a),this.handlers.moved()}};function tc(e,t){return{left:Math.min(e.x,t.x),top:Math.min(e.y,t.y),right:Math.max(e.x,t.x),bottom:Math.max(e.y,t.y)}}var nc=64,rc=class{constructor(){this.scale=1,this.x=0,this.y=0,this.width=1,this.height=1,this.inset={top:0,right:0,bottom:0,left:0},this.box={left:0,top:0,right:1,bottom:1},this.pitch=1,this.isFitted=!0}show(e,t){this.box=e,this.pitch=t,this.fit()}resize(e,t){this.width=Math.max(1,e),this.height=Math.max(1,t),this.isFitted?this.fit():this.clamp()}get scaleMin(){let e=Math.max(40,this.width-this.inset.left-this.inset.right-48),t=Math.max(40,this.height-this.inset.top-this.inset.bottom-48);return Math.min(e/(this.box.right-this.box.left+this.pitch),t/(this.box.bottom-this.box.top+this.pitch))}get scaleMax(){return Math.max(nc/this.pitch,this.scaleMin)}get isWhole(){return this.isFitted}fit(){this.scale=Math.min(this.scaleMin,this.scaleMax),this.center((this.box.left+this.box.right)/2,(this.box.top+this.box.bottom)/2),this.isFitted=!0}center(e,t){this.x=e-(this.inset.left-this.inset.right)/2/this.scale,this.y=t-(this.inset.top-this.inset.bottom)/2/this.scale,this.clamp()}fitTo(e,t){let n=Math.max(40,this.width-this.inset.left-this.inset.right),r=Math.max(40,this.height-this.inset.top-this.inset.bottom),i=Math.min(n/(e.right-e.left+2*t),r/(e.bottom-e.top+2*t));this.isFitted=!1,this.scale=Math.max(this.scaleMin,Math.min(i,this.scaleMax*.6)),this.center((e.left+e.right)/2,(e.top+e.bottom)/2)}panBy(e,t){this.isFitted=!1,this.x-=e/this.scale,this.y-=t/this.scale,this.clamp()}zoomAt(e,t,n){let r=this.toChart(e,t),i=Math.max(this.scaleMin,Math.min(this.scaleMax,this.scale*n));if(i<=this.scaleMin*1.001&&n<1)return this.fit();this.isFitted=!1,this.scale=i,this.x=r.x-(e-this.width/2)/this.scale,this.y=r.y-(t-this.height/2)/this.scale,this.clamp()}toChart(e,t){return{x:this.x+(e-this.width/2)/this.scale,y:this.y+(t-this.height/2)/this.scale}}toPixels(e,t){return{x:(e-this.x)*this.scale+this.width/2,y:(t-this.y)*this.scale+this.height/2}}seen(){let e=this.toChart(0,0),t=this.toChart(this.width,this.height);return{left:e.x,top:e.y,right:t.x,bottom:t.y}}clamp(){this.x=Math.max(this.box.left,Math.min(this.box.right,Number.isFinite(this.x)?this.x:0)),this.y=Math.max(this.box.top,Math.min(this.box.bottom,Number.isFinite(this.y)?this.y:0))}},ic=14,ac=24,oc=8,sc=5,cc=2,lc=250,uc=class{constructor(e,t,n,r,i,a){this.host=e,this.layers=t,this.venue=n,this.occupancy=r,this.theme=i,this.handlers=a,this.viewport=new rc,this.ratio=1,this.requested=0,this.isMoved=!0,this.isOverDirty=!0,this.isSlowDirty=!1,this.slowAt=0,this.again=new Set,this.drawMs=[],this.looks=(e,t)=>{let n=this.venue.category[e];t.status=this.occupancy.seats[e],t.category=n,t.flags=this.venue.flags[e],t.isChosen=this.handlers.isChosen(e),t.isMine=this.handlers.isMine(e),t.isFaded=!this.handlers.isWanted(n)},this.grid=new rs(n),this.seats=new Rs(t.seats,n),this.gestures=new ec(t.over,this.viewport,{moved:()=>this.moved(),tapped:(e,t,n)=>this.tapped(e,t,n),hovered:(e,t)=>this.hover(e,t),left:()=>this.setHovered(void 0,0,0),framed:(e,t)=>this.framed(e,t),isPainting:()=>this.handlers.isPainting()}),this.observer=new ResizeObserver(()=>this.resize()),this.observer.observe(e),this.viewport.show(n.box,n.pitch),this.resize()}stop(){this.observer.disconnect(),this.gestures.stop(),cancelAnimationFrame(this.requested)}setTheme(e){this.theme=e,this.seats.forget(),this.moved()}setVenue(e,t){this.venue=e,this.occupancy=t,this.grid=new rs(e),this.seats.setVenue(e),this.focused=void 0,this.hovered=void 0,this.viewport.show(e.box,e.pitch),this.moved()}changed(){this.isSlowDirty=!0,this.request()}restyle(e){if(e)for(let t of e)this.again.add(t);else this.isMoved=!0;this.isOverDirty=!0,this.request()}moved(){this.isMoved=!0,this.request()}zoomBy(e){let{width:t,height:n}=this.viewport;this.viewport.zoomAt(t/2,n/2,e),this.moved()}fit(){this.viewport.fit(),this.moved()}zoomToSection(e){let t=this.venue.sections[e];t&&(this.viewport.fitTo(t.box,this.venue.pitch*3),this.moved())}reveal(e){if(e[0]===void 0)return;let t={left:1/0,top:1/0,right:-1/0,bottom:-1/0};for(let n of e)t.left=Math.min(t.left,this.venue.x[n]),t.right=Math.max(t.right,this.venue.x[n]),t.top=Math.min(t.top,this.venue.y[n]),t.bottom=Math.max(t.bottom,this.venue.y[n]);this.viewport.fitTo(t,this.venue.pitch*14),this.moved()}focus(e){if(this.focused=e,this.isOverDirty=!0,e!==void 0){let{viewport:t,venue:n}=this,r=t.scale*n.pitch;r<oc*1.5&&t.zoomAt(t.width/2,t.height/2,oc*2.2/r);let i=t.toPixels(n.x[e],n.y[e]);i.x>t.inset.left+60&&i.y>t.inset.top+60&&i.x<t.width-t.inset.right-60&&i.y<t.height-t.inset.bottom-60||t.center(n.x[e],n.y[e]),this.isMoved=!0}this.request()}central(){let{x:e,y:t}=this.viewport.toChart(this.viewport.width/2,this.viewport.height/2),n=Math.max(this.venue.box.right-this.venue.box.left,this.venue.box.bottom-this.venue.box.top),r,i=1/0;for(let n=0;n<this.venue.size;n++){if(this.occupancy.seats[n]!==0)continue;let a=(this.venue.x[n]-e)**2+(this.venue.y[n]-t)**2;a<i&&(i=a,r=n)}return r??this.grid.nearest(e,t,n)}resize(){let e=this.host.clientWidth,t=this.host.clientHeight;if(e!==0&&t!==0){this.ratio=Math.min(cc,globalThis.devicePixelRatio||1);for(let n of Object.values(this.layers))n.width=Math.round(e*this.ratio),n.height=Math.round(t*this.ratio);this.viewport.resize(e,t),this.moved(),this.draw(performance.now())}}request(){this.requested===0&&(this.requested=requestAnimationFrame(e=>this.draw(e)))}draw(e){cancelAnimationFrame(this.requested),this.requested=0;let t=performance.now(),{viewport:n,ratio:r,theme:i}=this,a=this.scene(),o=this.isSlowDirty&&e-this.slowAt>=lc;if(this.isMoved||o){let e=this.layers.base.getContext(`2d`,{alpha:!1});e.setTransform(r,0,0,r,0,0),Vs(e,a)}let s=this.occupancy.drain();if(this.isMoved||!s)this.seats.drawAll(n,r,i,this.looks);else{for(let e of this.again)s.add(e);s.size>0&&this.seats.drawSome(s,n,r,i,this.looks)}this.again.clear(),(this.isMoved||o||this.isOverDirty)&&this.drawOver(a),(o||this.isMoved)&&(this.slowAt=e,this.isSlowDirty=!1),this.isMoved=!1,this.isOverDirty=!1,this.isSlowDirty&&setTimeout(()=>this.request(),lc),this.drawMs.push(performance.now()-t),this.drawMs.length>2e3&&this.drawMs.splice(0,1e3)}scene(){let{venue:e,occupancy:t,theme:n,viewport:r,handlers:i}=this;return{venue:e,occupancy:t,theme:n,viewport:r,left:e=>i.left(e),stage:i.stage(),isWanted:e=>i.isWanted(e)}}drawOver(e){let t=this.layers.over.getContext(`2d`),{viewport:n,venue:r,theme:i,ratio:a}=this;t.setTransform(a,0,0,a,0,0),t.clearRect(0,0,n.width,n.height);let o=n.scale*r.pitch;if(o>=ac&&this.drawNumbers(t,o),Hs(t,e),this.hovered!==void 0&&this.hovered!==this.focused&&this.ring(t,this.hovered,i.ink,1.5),this.focused!==void 0&&(this.ring(t,this.focused,i.block,6),this.ring(t,this.focused,i.ink,3)),this.frame){let{left:e,top:n,right:r,bottom:a}=this.frame;t.strokeStyle=i.accent,t.lineWidth=2,t.setLineDash([6,4]),t.strokeRect(e,n,r-e,a-n),t.setLineDash([]),t.globalAlpha=.12,t.fillStyle=i.accent,t.fillRect(e,n,r-e,a-n),t.globalAlpha=1}}ring(e,t,n,r){let{viewport:i,venue:a}=this,o=i.toPixels(a.x[t],a.y[t]);e.beginPath(),e.arc(o.x,o.y,Math.max(6,i.scale*a.pitch*.5+1),0,2*Math.PI),e.strokeStyle=n,e.lineWidth=r,e.stroke()}drawNumbers(e,t){let{viewport:n,venue:r,occupancy:i}=this,a=n.seen();e.font=`600 ${Math.min(14,Math.round(t*.32))}px system-ui, sans-serif`,e.textAlign=`center`,e.textBaseline=`middle`,this.grid.within(a.left,a.top,a.right,a.bottom,t=>{if(i.seats[t]!==0||r.flags[t]&1||this.handlers.isChosen(t)||this.handlers.isMine(t))return;let a=r.category[t];if(!this.handlers.isWanted(a))return;let o=n.toPixels(r.x[t],r.y[t]);e.fillStyle=js(r.categories[a]?.color??`#0072B2`),e.fillText(_s(r,t).slice(0,4),o.x,o.y+.5)})}seatAt(e,t){let{viewport:n,venue:r}=this,i=n.toChart(e,t),a=Math.min(ic/n.scale,r.pitch*1.2);return this.grid.nearest(i.x,i.y,Math.max(a,r.pitch*.5))}areaAt(e,t){let{x:n,y:r}=this.viewport.toChart(e,t);return this.venue.areas.find(e=>us(e.border,n,r))?.name}tapped(e,t,n){let{viewport:r,venue:i}=this,a=r.scale*i.pitch>=(n===`touch`?oc*1.8:oc),o=this.seatAt(e,t);if(o!==void 0&&a)return this.handlers.picked(o);let s=o===void 0?this.areaAt(e,t):void 0;if(s!==void 0)return this.handlers.areaPicked(s);let c=r.toChart(e,t),l=o===void 0?i.sections.findIndex(e=>us(e.border,c.x,c.y)):i.section[o];if(l>=0&&!a)return this.comeCloser(l,e,t);n===`double`&&(r.zoomAt(e,t,2),this.moved())}comeCloser(e,t,n){let{viewport:r,venue:i}=this,a=r.toChart(t,n);this.zoomToSection(e);let o=r.scale*i.pitch;o<16&&(r.zoomAt(r.width/2,r.height/2,16/o),r.center(a.x,a.y),this.moved())}hover(e,t){let n=this.viewport.scale*this.venue.pitch>=sc;this.setHovered(n?this.seatAt(e,t):void 0,e,t);let r=this.hovered!==void 0||this.areaAt(e,t)!==void 0;this.layers.over.style.cursor=this.handlers.isPainting()?`crosshair`:r?`pointer`:`grab`}setHovered(e,t,n){e!==this.hovered&&(this.hovered=e,this.isOverDirty=!0,this.request()),this.handlers.hovered(e,t,n)}framed(e,t){if(this.frame=t?void 0:e,this.isOverDirty=!0,this.request(),!t)return;let n=this.viewport.toChart(e.left,e.top),r=this.viewport.toChart(e.right,e.bottom),i=[];this.grid.within(n.x,n.y,r.x,r.y,e=>i.push(e)),i.length>0&&this.handlers.painted(i.sort((e,t)=>e-t))}},dc=8e6,fc=class{constructor(){this.rest=``,this.event=``,this.data=[],this.size=0,this.id=``}push(e){let t=[];this.rest+=e;let n=0;for(;;){let e=this.rest.indexOf(`
`,n);if(e<0)break;let r=this.rest.slice(n,this.rest[e-1]===`\r`&&e>n?e-1:e);n=e+1,r===``?(this.data.length>0&&t.push({event:this.event||`message`,data:this.data.join(`
`),id:this.id}),this.event=``,this.data=[],this.size=0):this.field(r)}if(this.rest=this.rest.slice(n),this.rest.length+this.size>dc)throw Error(`a frame of the feed is too large`);return t}field(e){if(e.startsWith(`:`))return;let t=e.indexOf(`:`),n=t<0?e:e.slice(0,t),r=t<0?``:e.slice(t+1);r.startsWith(` `)&&(r=r.slice(1)),n===`event`?this.event=r:n===`id`&&!r.includes(`\0`)?this.id=r:n===`data`&&(this.data.push(r),this.size+=r.length)}},pc=35e3,mc=[300,700,1500,3e3,5e3],hc=class{constructor(e,t,n,r=pc){this.client=e,this.eventId=t,this.handlers=n,this.silenceMs=r,this.stopper=new AbortController,this.lastId=``}start(){this.run()}stop(){this.stopper.abort()}async run(){let{signal:e}=this.stopper;this.handlers.connection(`connecting`);for(let t=0;!e.aborted;){let n;try{await this.follow(()=>{t=0})}catch(t){if(e.aborted)return;n=Ae(t)}if(e.aborted)return;if(n&&_c(n)){this.handlers.connection(`failed`,n);return}this.handlers.connection(`lost`,n);let r=mc[Math.min(t,mc.length-1)]??5e3;t+=1;try{await Fe(r*(.7+.6*Math.random()),e)}catch{return}}}async follow(e){let t=new AbortController,n=()=>t.abort();this.stopper.signal.addEventListener(`abort`,n,{once:!0});let r=setTimeout(n,this.silenceMs);try{let i={...this.client.headers,accept:`text/event-stream`};this.lastId!==``&&(i[`last-event-id`]=this.lastId);let a=await fetch(this.client.url(`/v1/events/${encodeURIComponent(this.eventId)}/feed`),{headers:i,signal:t.signal,credentials:`omit`,cache:`no-store`});if(!a.ok)throw Pe(a.status,await a.text());if(!a.body)throw Error(`the feed has no body`);let o=new fc,s=a.body.pipeThrough(new TextDecoderStream).getReader();for(;;){let{done:t,value:i}=await s.read();if(t)return;clearTimeout(r),r=setTimeout(n,this.silenceMs);for(let t of o.push(i)){if(!this.take(t))throw this.lastId=``,this.seq=void 0,Error(`the feed does not fit together`);e()}this.seq!==void 0&&this.handlers.connection(`live`)}}finally{clearTimeout(r),this.stopper.signal.removeEventListener(`abort`,n),t.abort()}}take(e){if(![`snapshot`,`commit`,`event`].includes(e.event))return!0;let t;try{t=JSON.parse(e.data)}catch{return!1}if(typeof t!=`object`||!t)return!1;if(e.event===`snapshot`){let e=t;if(!gc(e.seq)||typeof e.seats!=`string`)return!1;this.seq=e.seq,this.handlers.snapshot(e)}else if(e.event===`commit`){let e=t;if(this.seq===void 0||!gc(e.from)||!gc(e.seq))return!1;if(e.seq<=this.seq)return!0;if(e.from!==this.seq+1||!this.handlers.commit(e))return!1;this.seq=e.seq}else this.handlers.event(t);return this.lastId=e.id,!0}};function gc(e){return typeof e==`number`&&Number.isSafeInteger(e)&&e>=0}function _c(e){return[400,401,403,404].includes(e.status)}var vc=500,yc=`chart_too_large`,bc=class{constructor(e,t,n){this.client=e,this.eventId=t,this.handlers=n,this.connection=`connecting`,this.stopper=new AbortController,this.meanwhile=[]}async start(){await this.load(),this.stopper.signal.aborted||(this.feed=new hc(this.client,this.eventId,{snapshot:e=>{this.loading?this.meanwhile=[e]:e.chart_id!==(this.event?.chart_id??null)||!this.occupancy?.replace(e)?(this.meanwhile=[e],this.loadAnew()):(this.event&&this.event.status!==e.status&&this.setEvent({...this.event,status:e.status}),this.handlers.changed())},commit:e=>{if(this.loading)return this.meanwhile.push(e),!0;let t=this.occupancy?.apply(e)??!1;return t&&this.handlers.changed(),t},event:e=>this.setEvent(e),connection:(e,t)=>{e!==this.connection&&(this.connection=e,this.handlers.connection(e,t))}}),this.feed.start())}stop(){this.stopper.abort(),this.feed?.stop()}setEvent(e){if(typeof e!=`object`||!e||e.id!==this.eventId)return;if(this.loading){this.eventMeanwhile=e;return}let t=this.isOfOtherPlace(e);this.event=e,t?this.loadAnew():this.handlers.eventChanged(e)}isOfOtherPlace(e){return e.chart_id!==this.event?.chart_id||JSON.stringify(e.areas)!==JSON.stringify(this.event?.areas)}loadAnew(){this.loading??=this.loadUntilItFits()}async loadUntilItFits(){let{signal:e}=this.stopper;for(;!e.aborted;){try{if(await this.load(),this.catchUp()){this.loading=void 0,this.handlers.connection(this.connection),this.handlers.changed();return}}catch(e){let t=Ae(e);if(this.handlers.connection(t.code===yc?`failed`:`lost`,t),t.code===yc){this.loading=void 0;return}}await Fe(vc,e).catch(()=>void 0)}}catchUp(){let e=this.eventMeanwhile;if(e&&e.seq>(this.event?.seq??0)){if(this.isOfOtherPlace(e))return!1;this.event=e,this.handlers.eventChanged(e)}for(let e of this.meanwhile){let{event:t,occupancy:n}=this;if(!t||!n)return!1;if(!(`from`in e&&e.seq<=n.seq)){if(`from`in e){if(e.from>n.seq+1||!n.apply(e))return!1}else if(e.chart_id!==t.chart_id||e.seq>n.seq&&!n.replace(e))return!1}}return this.meanwhile=[],this.eventMeanwhile=void 0,!0}async load(){let e=await this.client.event(this.eventId),t=e.chart_id===null?void 0:await this.client.chart(e.chart_id),n=ms(t);if(n>25e4)throw new ke({status:0,code:yc,title:`${n} seats are more than a map can show`,detail:``,retryable:!1});let r=hs(t,e.areas,e.categories),i=new es(r),a=await this.client.availability(this.eventId);if(!i.replace(a))throw new ke({status:0,code:`network`,title:`The chart and the seats do not fit together`,detail:``,retryable:!0});this.stopper.signal.aborted||(this.event=e,this.venue=r,this.occupancy=i,this.handlers.ready(this))}},xc=o`
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
`;o`
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
`;var Sc=200,Cc=class extends we{static{this.styles=[Be,Ve,xc,go,o`
      :host {
        display: grid;
        grid-template-rows: auto minmax(300px, 1fr) auto;
        background: var(--panel);
      }
      .stage {
        background: var(--surface);
      }
      .tools {
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 8px 14px;
        border-bottom: 1px solid var(--line);
      }
      .below {
        display: grid;
        gap: 8px;
        padding: 12px 14px;
        border-top: 1px solid var(--line);
      }
      .below input[type='number'] {
        width: 90px;
      }
      .below input[name='channel'] {
        width: 130px;
      }
      details > form {
        margin-top: 8px;
      }
      summary {
        cursor: pointer;
      }
    `]}static{this.properties={client:{attribute:!1},speech:{attribute:!1},eventId:{attribute:!1},theme:{type:String,reflect:!0},failure:{state:!0},isPainting:{state:!0},chosen:{state:!0},isBusy:{state:!0},said:{state:!0},refused:{state:!0},version:{state:!0},tip:{state:!0},section:{state:!0},connection:{state:!0}}}constructor(){super(),this.isPending=!1,this.theme=`light`,this.isPainting=!1,this.chosen=new Set,this.isBusy=!1,this.version=0,this.section=0,this.connection=`connecting`}disconnectedCallback(){super.disconnectedCallback(),this.end()}updated(e){(e.has(`client`)||e.has(`eventId`))&&this.begin(),e.has(`theme`)&&this.map?.setTheme(this.theme===`dark`?Os:Ds),this.placeTip()}end(){this.session?.stop(),this.map?.stop(),this.session=void 0,this.map=void 0}async begin(){this.end(),this.failure=void 0,this.chosen=new Set;let e=new bc(this.client,this.eventId,{ready:e=>this.ready(e),changed:()=>this.changed(),eventChanged:e=>this.tell(`room-event`,e),connection:(e,t)=>{this.connection=e,e===`failed`&&(this.failure=t),this.tell(`room-connection`,e)}});this.session=e;try{await e.start()}catch(t){this.session===e&&(this.failure=Ae(t))}}ready(e){let{venue:t,occupancy:n,event:r}=e;t&&n&&r&&(this.tell(`room-event`,r),this.map&&this.choose([]),this.changed(),this.updateComplete.then(()=>{let e=this.renderRoot.querySelector(`.plan`);if(this.map)return this.map.setVenue(t,n);if(!e)return;let r=t=>e.querySelector(`canvas.${t}`),{texts:i}=$e(this.speech.language);this.map=new uc(e,{base:r(`base`),seats:r(`seats`),over:r(`over`)},t,n,this.theme===`dark`?Os:Ds,{picked:e=>this.choose(this.chosen.has(e)?[...this.chosen].filter(t=>t!==e):[...this.chosen,e]),areaPicked:()=>void 0,hovered:(e,t,n)=>this.tip=e===void 0?void 0:{seat:e,x:t,y:n},painted:e=>this.choose([...this.chosen,...e]),isChosen:e=>this.chosen.has(e),isMine:()=>!1,isWanted:()=>!0,isPainting:()=>this.isPainting,left:e=>i.left(e),stage:()=>i.stage})}))}changed(){this.map?.changed(),this.isPending||(this.isPending=!0,setTimeout(()=>{this.isPending=!1,this.version+=1;let e=this.session?.occupancy?.totals();e&&this.tell(`room-counts`,e)},Sc))}tell(e,t){this.dispatchEvent(new CustomEvent(e,{detail:t}))}choose(e){this.chosen=new Set(e),this.said=void 0,this.refused=void 0,this.map?.restyle()}withStatus(e){return[...this.chosen].filter(t=>this.session?.occupancy?.seats[t]===e)}async inParts(e,t){let n=e.map(e=>this.session.venue.labels[e]),r=0,i=0;try{for(;i<n.length;i+=Ie)r+=await t(n.slice(i,i+Ie));this.choose([])}catch(e){let t=H(Ae(e),this.speech);this.refused=i>0?`${this.speech.texts.map.partly(i,n.length)} ${t}`:t}return r}async run(e){if(!this.isBusy){this.isBusy=!0,this.said=void 0,this.refused=void 0;try{await e()}catch(e){this.refused=H(Ae(e),this.speech)}finally{this.isBusy=!1}}}block(e){return this.run(async()=>{let t=0,n=await this.inParts(this.withStatus(0),async n=>{let r=await this.client.block(this.eventId,{places:n,...e===``?{}:{channel:e}});return t+=r.later.length,r.blocked??0});this.refused||(this.said=this.speech.texts.map.blocked(n,t))})}free(){return this.run(async()=>{let e=await this.inParts(this.withStatus(3),async e=>(await this.client.unblock(this.eventId,{places:e})).unblocked??0);this.refused||(this.said=this.speech.texts.map.freed(e))})}placeTip(){let e=this.renderRoot.querySelector(`.tip`),t=this.renderRoot.querySelector(`.stage`);if(!e||!t||!this.tip)return;let n=this.tip.x>t.clientWidth/2;e.style.left=n?`auto`:`${this.tip.x+14}px`,e.style.right=n?`${t.clientWidth-this.tip.x+14}px`:`auto`,e.style.top=`${Math.min(this.tip.y+14,t.clientHeight-70)}px`}render(){let{map:e}=this.speech.texts,{event:t,venue:n}=this.session??{},r=t!==void 0&&n!==void 0&&!this.failure,i=(e,t)=>R`<button aria-pressed=${this.isPainting===e?`true`:`false`} @click=${()=>this.isPainting=e}>${t}</button>`;return R`<div class="tools" ?hidden=${!r}>
        <div class="group" role="group" aria-label=${e.tool}>${i(!1,e.move)}${i(!0,e.paint)}</div>
        <span class="quiet">${e.paintHint}</span>
      </div>
      <div class="stage ${this.connection===`lost`?`stale`:``}">
        <div class="plan" role="img" aria-label=${e.label(t?.name??``)} aria-description=${e.help} ?hidden=${!r}>
          <canvas class="base" aria-hidden="true"></canvas><canvas class="seats" aria-hidden="true"></canvas><canvas class="over" aria-hidden="true"></canvas>
        </div>
        ${r?this.zoom():this.instead()}
        ${r&&this.tip&&!this.isPainting?R`<div class="tip">${this.describe(this.tip.seat)}</div>`:z}
      </div>
      ${r?R`<div class="below">${this.actions()}${this.bySection()}${n.areas.length>0?this.byArea():z}</div>`:z}`}instead(){let{texts:e}=this.speech;return this.failure?R`<div class="whole" role="alert"><p>${H(this.failure,this.speech)}</p><button @click=${()=>void this.begin()}>${e.retry}</button></div>`:R`<div class="whole" role="status"><div class="spin"></div>${e.loading}</div>`}zoom(){let{texts:e}=$e(this.speech.language);return R`<div class="zoom">
      <button aria-label=${e.zoomIn} @click=${()=>this.map?.zoomBy(1.6)}>+</button>
      <button aria-label=${e.zoomOut} @click=${()=>this.map?.zoomBy(1/1.6)}>−</button>
      <button aria-label=${e.zoomFit} @click=${()=>this.map?.fit()}>⤢</button>
    </div>`}describe(e){let{venue:t,occupancy:n}=this.session,{texts:r}=$e(this.speech.language),i=t.rows[t.row[e]],a=$o(n.seats[e]),o=a===`taken`?r.status.taken:this.speech.texts.counts[a];return`${r.seatTitle(t.sections[i.section].name,i.label,_s(t,e))}, ${t.categories[t.category[e]]?.name??``}, ${o}`}actions(){let{map:e}=this.speech.texts,[t,n]=[this.withStatus(0).length,this.withStatus(3).length],r=this.chosen.size;return R`<div aria-live="polite">
        ${this.said?R`<p class="done">${this.said}</p>`:z}
        ${this.refused?R`<p class="problem" role="alert">${this.refused}</p>`:z}
        ${r===0?z:R`<span>${e.chosen(r,t,n,r-t-n)}</span>`}
      </div>
      ${r===0?z:R`<form class="line" @submit=${e=>{e.preventDefault(),this.block(String(new FormData(e.target).get(`channel`)??``).trim())}}>
            <label>${e.channel}<input name="channel" value="house" maxlength="64" /></label>
            <button class="primary" ?disabled=${this.isBusy||t===0}>${e.block(t)}</button>
            <button type="button" ?disabled=${this.isBusy||n===0} @click=${()=>void this.free()}>${e.free(n)}</button>
            <button type="button" class="plain" @click=${()=>this.choose([])}>${e.clear}</button>
          </form>`}`}bySection(){let{map:e}=this.speech.texts,t=this.session.venue,n=t.sections[this.section];return n?R`<details>
      <summary>${e.bySection}</summary>
      <form class="line" @submit=${e=>{e.preventDefault();let{first:t,end:r}=n.rows[Number(new FormData(e.target).get(`row`)??``)]??n;this.choose([...this.chosen,...Array.from({length:r-t},(e,n)=>t+n)]),this.map?.zoomToSection(this.section)}}>
        <label>${e.section}<select @change=${e=>this.section=Number(e.target.value)}>${t.sections.map((e,t)=>R`<option value=${t} ?selected=${t===this.section}>${e.name}</option>`)}</select></label>
        <label>${e.row}<select name="row"><option value="all">${e.allRows}</option>${n.rows.map((e,t)=>R`<option value=${t}>${e.label}</option>`)}</select></label>
        <button>${e.choose}</button>
      </form>
    </details>`:z}byArea(){let{map:e,counts:t}=this.speech.texts,{venue:n,occupancy:r}=this.session;return R`<details>
      <summary>${e.areas}</summary>
      <form class="line" @submit=${t=>{t.preventDefault();let n=new FormData(t.target),r=[{name:String(n.get(`area`)),quantity:Number(n.get(`units`))}],i=t.submitter?.value!==`free`;this.run(async()=>{let t=i?await this.client.block(this.eventId,{areas:r}):await this.client.unblock(this.eventId,{areas:r});this.said=i?e.blocked(t.blocked??0,t.later.length):e.freed(t.unblocked??0)})}}>
        <label>${e.area}<select name="area">${n.areas.map(e=>{let n=r.area(e.name);return R`<option value=${e.name}>${e.name}: ${n.free} ${t.free}, ${n.blocked} ${t.blocked}</option>`})}</select></label>
        <label>${e.units}<input name="units" type="number" min="1" max="10000000" value="1" required /></label>
        <button value="block" ?disabled=${this.isBusy}>${e.blockUnits}</button><button value="free" ?disabled=${this.isBusy}>${e.freeUnits}</button>
      </form>
    </details>`}};customElements.define(`flashtix-room-map`,Cc);function wc(e,t){let n=Co(t),r=/^(\d{1,10})(?:[.,](\d+))?$/.exec(e.trim()),i=r?.[2]??``;if(!(!r||i.length>n))return Number(r[1])*10**n+Number(i.padEnd(n,`0`)||0)}function Tc(e,t){let n=Co(t);return(e/10**n).toFixed(n)}function Ec(e){let t=/^\d{1,9}$/.test(e.trim())?Number(e):0;return t>0?t:void 0}function Dc(e){let t=new Date(e);return e===``||Number.isNaN(t.getTime())?void 0:t.toISOString()}function Oc(e){if(e===null)return``;let t=new Date(e);if(Number.isNaN(t.getTime()))return``;let n=e=>String(e).padStart(2,`0`);return`${t.getFullYear()}-${n(t.getMonth()+1)}-${n(t.getDate())}T${n(t.getHours())}:${n(t.getMinutes())}`}function kc(e,t){return`price:${e}:${t}`}function Ac(e,t,n,r){let i=t.flatMap((t,i)=>{let a=n.flatMap((a,o)=>{let s=String(e.get(kc(i,o))??``).trim();if(s===``)return[];let c=wc(s,r);if(c===void 0)throw new jc(kc(i,o),n.length>1?`${t}, ${a}`:t);return[[a,c]]});return a.length>0?[[t,Object.fromEntries(a)]]:[]});return Object.fromEntries(i)}var jc=class extends Error{constructor(e,t){super(`${e} cannot be read`),this.field=e,this.what=t}},Mc=class extends we{static{this.styles=[Be,Ve,go,o`
      form {
        display: grid;
        gap: 14px;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(210px, 1fr));
        gap: 12px 18px;
      }
      fieldset {
        border: 1px solid var(--line);
        border-radius: 8px;
      }
    `]}static{this.properties={client:{attribute:!1},speech:{attribute:!1},event:{attribute:!1},theme:{type:String,reflect:!0},said:{state:!0},refused:{state:!0},isBusy:{state:!0}}}async save(e){let{settings:t}=this.speech.texts;this.said=void 0,this.refused=void 0,this.isBusy=!0;try{let t=this.patchOf(new FormData(e));if(Object.keys(t).length>0){let e=await this.client.changeEvent(this.event.id,t);this.dispatchEvent(new CustomEvent(`settings-saved`,{detail:e}))}this.said=this.speech.texts.saved}catch(n){n instanceof jc?(this.refused=n.field.startsWith(`price:`)?t.priceWrong(n.what):n.field.endsWith(`_at`)?t.timeWrong(n.what):t.numberWrong(n.what),e.elements.namedItem(n.field)?.focus()):this.refused=H(Ae(n),this.speech)}finally{this.isBusy=!1}}patchOf(e){let{settings:t}=this.speech.texts,{event:n}=this,r=t=>String(e.get(t)??``).trim(),i={};r(`name`)!==n.name&&(i.name=r(`name`)),r(`per_buyer`)!==String(n.max_per_buyer??``)&&(i.max_per_buyer=r(`per_buyer`)===``?null:s(`per_buyer`,t.perBuyer));for(let[e,a]of[[`hold_seconds`,t.hold],[`max_hold_seconds`,t.holdMax]])r(e)!==Nc(n[e])&&(i[e]=c(e,a));let a={};for(let[e,i]of[[`opens_at`,t.opensAt],[`closes_at`,t.closesAt]])r(e)!==Oc(n.sale[e])&&(a[e]=l(e,i));Object.keys(a).length>0&&(i.sale={...n.sale,...a}),r(`starts_at`)!==Oc(n.starts_at)&&(i.starts_at=l(`starts_at`,t.startsAt));let o=e.get(`public_confirm`)!==null;return o!==n.public_confirm&&(i.public_confirm=o),n.categories.some((e,t)=>n.ticket_types.some((n,i)=>r(kc(t,i))!==this.price(e,n.key)))&&(i.prices=Ac(e,n.categories,n.ticket_types.map(e=>e.key),n.currency)),i;function s(e,t){let n=Ec(r(e));if(n===void 0)throw new jc(e,t);return n}function c(e,t){let n=Number(r(e).replace(`,`,`.`))*60;if(!Number.isFinite(n)||Math.round(n)<1)throw new jc(e,t);return Math.round(n)}function l(e,t){if(r(e)===``)return null;let n=Dc(r(e));if(n===void 0)throw new jc(e,t);return n}}price(e,t){let n=bo(this.event,e,t);return n===void 0?``:Tc(n,this.event.currency)}render(){let{settings:e}=this.speech.texts,{event:t}=this;return R`<form @submit=${e=>{e.preventDefault(),this.save(e.target)}} novalidate>
      <div class="fields">
        <label>${e.name}<input name="name" maxlength="200" .value=${t.name} required /></label>
        <label>${e.perBuyer}<input name="per_buyer" inputmode="numeric" placeholder=${e.perBuyerHint} .value=${String(t.max_per_buyer??``)} /></label>
        <label>${e.hold}<input name="hold_seconds" inputmode="decimal" .value=${Nc(t.hold_seconds)} /></label>
        <label>${e.holdMax}<input name="max_hold_seconds" inputmode="decimal" .value=${Nc(t.max_hold_seconds)} /></label>
        <label>${e.opensAt}<input name="opens_at" type="datetime-local" .value=${Oc(t.sale.opens_at)} /></label>
        <label>${e.closesAt}<input name="closes_at" type="datetime-local" .value=${Oc(t.sale.closes_at)} /></label>
        <label>${e.startsAt}<input name="starts_at" type="datetime-local" .value=${Oc(t.starts_at)} /></label>
      </div>
      <fieldset>
        <legend>${e.prices} (${t.currency})</legend>
        <div class="fields">${t.categories.flatMap((n,r)=>t.ticket_types.map((i,a)=>R`<label>${n}${t.ticket_types.length>1?`, ${i.name??i.key}`:``}<input name=${kc(r,a)} inputmode="decimal" placeholder=${e.notSold} .value=${this.price(n,i.key)} /></label>`))}</div>
      </fieldset>
      <label class="check"><input type="checkbox" name="public_confirm" .checked=${t.public_confirm} />${e.publicConfirm}</label>
      <div aria-live="polite">
        ${this.said?R`<p class="done">${this.said}</p>`:z}${this.refused?R`<p class="problem" role="alert">${this.refused}</p>`:z}
      </div>
      <div><button class="primary" ?disabled=${this.isBusy}>${e.save}</button></div>
    </form>`}};function Nc(e){return String(Math.round(e/60*1e3)/1e3)}customElements.define(`flashtix-settings-panel`,Mc);var Pc=[`ledger`,`orders`,`settings`],Fc=class extends we{static{this.styles=[Be,Ve,go,o`
      :host {
        display: grid;
        gap: 14px;
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 14px;
      }
      .top h2 {
        margin: 0;
        font-size: 20px;
      }
      .top .line {
        align-items: center;
      }
      .room {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(320px, 420px);
        gap: 14px;
        align-items: start;
      }
      flashtix-room-map {
        height: 640px;
        border-radius: var(--round);
        overflow: hidden auto;
        box-shadow: var(--shadow);
      }
      .strip {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 14px;
      }
      .main {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 14px;
      }
      .figures {
        display: grid;
        grid-template-columns: repeat(4, 1fr);
        gap: 8px;
        margin: 0 0 10px;
      }
      .figures div {
        display: grid;
      }
      .figures dt {
        font-size: 12px;
        color: var(--faint);
      }
      .figures dd {
        margin: 0;
        font-size: 20px;
        font-weight: 650;
        font-variant-numeric: tabular-nums;
      }
      ul.alarms {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 6px;
      }
      ul.alarms .problem {
        margin: 0;
      }
      .tabs {
        display: flex;
        gap: 4px;
        margin-bottom: 12px;
      }
      dialog {
        max-width: 440px;
        border: 1px solid var(--line);
        border-radius: var(--round);
        background: var(--panel);
        color: var(--ink);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      @media (max-width: 980px) {
        .room,
        .strip {
          grid-template-columns: minmax(0, 1fr);
        }
        flashtix-room-map {
          height: 520px;
        }
      }
    `]}static{this.properties={client:{attribute:!1},speech:{attribute:!1},eventId:{attribute:!1},theme:{type:String,reflect:!0},event:{state:!0},counts:{state:!0},feed:{state:!0},tab:{state:!0},refused:{state:!0},asked:{state:!0},isBusy:{state:!0},beatCount:{state:!0}}}constructor(){super(),this.keyed=e=>{let t=e.key===`ArrowRight`?1:e.key===`ArrowLeft`?-1:0;if(t===0)return;let n=this.speech.direction===`rtl`?-t:t;this.tab=Pc[(Pc.indexOf(this.tab)+n+Pc.length)%Pc.length],this.updateComplete.then(()=>this.renderRoot.querySelector(`#tab-${this.tab}`)?.focus())},this.feed=`connecting`,this.tab=`ledger`,this.isBusy=!1,this.beatCount=0}connectedCallback(){super.connectedCallback(),this.pulse=new Yo(this.client),this.pulse.addEventListener(`beat`,()=>this.beatCount+=1),this.pulse.start()}disconnectedCallback(){super.disconnectedCallback(),this.pulse?.stop()}updated(e){if(!e.has(`asked`))return;let t=this.renderRoot.querySelector(`dialog`);this.asked&&!t?.open?t?.showModal():!this.asked&&t?.open&&t.close()}async setStatus(e){if(!this.isBusy){this.isBusy=!0,this.asked=void 0,this.refused=void 0;try{this.event=await this.client.changeEvent(this.eventId,{status:e})}catch(e){this.refused=H(Ae(e),this.speech)}finally{this.isBusy=!1}}}render(){let{event:e}=this;return R`${e?this.top(e):z}
      ${this.refused?R`<p class="problem" role="alert">${this.refused}</p>`:z}
      <div class="strip">${this.figures()}${this.alarmPanel()}</div>
      <div class="room">
        <div class="main">
        <flashtix-room-map
          theme=${this.theme}
          .client=${this.client}
          .speech=${this.speech}
          .eventId=${this.eventId}
          @room-event=${e=>this.event=e.detail}
          @room-counts=${e=>this.counts=e.detail}
          @room-connection=${e=>this.feed=e.detail}
        ></flashtix-room-map>
        ${e?this.tabs(e):z}
        </div>
        <flashtix-health-panel class="panel" theme=${this.theme} .speech=${this.speech} .pulse=${this.pulse} .beatCount=${this.beatCount}></flashtix-health-panel>
      </div>
      ${this.sure()}`}top(e){let{texts:t,language:n}=this.speech,{room:r}=t,i=e.status===`closed`||e.status===`cancelled`,a=e.status===`open`?{to:`paused`,label:r.pause}:{to:`open`,label:e.status===`paused`?r.resume:r.open};return R`<div class="top">
      <h2>${e.name}</h2>
      <span class="badge ${e.status}" role="status">${t.status[e.status]??e.status}</span>
      ${e.starts_at?R`<span class="quiet">${t.begins(nt(e.starts_at,n))}</span>`:z}
      <a href="/e/${e.id}" target="_blank" rel="noopener">${t.openPage}</a>
      <span class="line end" role="group" aria-label=${r.controls}>
        ${e.status===`cancelled`?z:R`<button class="primary" ?disabled=${this.isBusy} @click=${()=>void this.setStatus(a.to)}>${a.label}</button>`}
        ${i||e.status===`draft`?z:R`<button ?disabled=${this.isBusy} @click=${()=>this.asked=`closed`}>${r.close}</button>`}
        ${e.status===`cancelled`?z:R`<button class="danger" ?disabled=${this.isBusy} @click=${()=>this.asked=`cancelled`}>${r.cancel}</button>`}
      </span>
    </div>`}alarmPanel(){let{alarms:e}=this.speech.texts,t=dt(this.pulse?.beats??[],this.pulse?.health??`unknown`,this.feed);return R`<section class="panel" aria-label=${e.title}>
      <div role="status">
        ${t.length===0?R`<span class="quiet">${e.none}</span>`:R`<ul class="alarms">${t.map(t=>R`<li class="problem">${e[t]}</li>`)}</ul>`}
      </div>
    </section>`}figures(){let{texts:e,language:t}=this.speech,{counts:n}=this,r=r=>R`<div><dt>${e.counts[r]}</dt><dd data-count=${r}>${n?n[r].toLocaleString(t):`–`}</dd></div>`,i=n?e.soldOf(n.sold.toLocaleString(t),ft(n).toLocaleString(t)):``;return R`<section class="panel" aria-label=${e.room.figures}>
      <dl class="figures">${r(`sold`)}${r(`held`)}${r(`free`)}${r(`blocked`)}</dl>
      ${n?pt(n,i):R`<div class="bar"></div>`}
    </section>`}tabs(e){let{texts:t}=this.speech,n={client:this.client,speech:this.speech};return R`<section class="panel">
      <div class="tabs" role="tablist" @keydown=${this.keyed}>
        ${Pc.map(e=>R`<button role="tab" id="tab-${e}" aria-controls="inside" aria-selected=${this.tab===e?`true`:`false`} tabindex=${this.tab===e?0:-1} @click=${()=>this.tab=e}>${t[e].title}</button>`)}
      </div>
      <div id="inside" role="tabpanel" aria-labelledby="tab-${this.tab}">${{ledger:()=>R`<flashtix-ledger-panel theme=${this.theme} .client=${n.client} .speech=${n.speech} .event=${e}></flashtix-ledger-panel>`,orders:()=>R`<flashtix-orders-panel theme=${this.theme} .client=${n.client} .speech=${n.speech} .event=${e}></flashtix-orders-panel>`,settings:()=>R`<flashtix-settings-panel theme=${this.theme} .client=${n.client} .speech=${n.speech} .event=${e} @settings-saved=${e=>this.event=e.detail}></flashtix-settings-panel>`}[this.tab]()}</div>
    </section>`}sure(){let{texts:e}=this.speech,{asked:t}=this,n=t===`cancelled`?e.room.cancel:e.room.close;return R`<dialog aria-labelledby="question" @close=${()=>this.asked=void 0}>
      <h2 id="question">${n}?</h2>
      <p>${t===`cancelled`?e.room.cancelSure:e.room.closeSure}</p>
      <div class="line">
        <button @click=${()=>this.asked=void 0}>${e.cancel}</button>
        <button class="danger" @click=${()=>t&&void this.setStatus(t)}>${n}</button>
      </div>
    </dialog>`}};customElements.define(`flashtix-control-room`,Fc);var Ic=2e3,Lc=class extends we{static{this.styles=[Be,Ve,go,o`
      :host {
        display: grid;
        gap: 12px;
        max-width: 1100px;
        margin: 0 auto;
      }
      a.panel {
        display: grid;
        grid-template-columns: minmax(200px, 1fr) minmax(200px, 1fr);
        gap: 6px 24px;
        align-items: center;
        color: inherit;
        text-decoration: none;
      }
      a.panel:hover {
        outline: 2px solid var(--accent);
      }
      h2 {
        font-size: 17px;
        margin: 0;
      }
      @media (max-width: 640px) {
        a.panel {
          grid-template-columns: 1fr;
        }
      }
    `]}static{this.properties={client:{attribute:!1},speech:{attribute:!1},theme:{type:String,reflect:!0},events:{state:!0},problem:{state:!0},counts:{state:!0},cursor:{state:!0}}}constructor(){super(),this.stopper=new AbortController,this.counts=new Map,this.cursor=null}connectedCallback(){super.connectedCallback(),this.run()}disconnectedCallback(){super.disconnectedCallback(),this.stopper.abort()}async run(){let{signal:e}=this.stopper;for(;!e.aborted;){this.events||await this.readMore();for(let t of this.events??[]){if(e.aborted)return;await this.count(t)}await Fe(Ic,e).catch(()=>void 0)}}async readMore(){try{let e=await this.client.events(this.cursor??void 0);this.events=[...this.events??[],...e.items],this.cursor=e.next_cursor,this.problem=void 0}catch(e){this.problem=Ae(e)}}async count(e){try{let t=await this.client.availability(e.id),n={free:0,held:0,sold:0,blocked:0};for(let e of Object.values(t.categories))for(let t of[`free`,`held`,`sold`,`blocked`])n[t]+=e[t];this.counts=new Map(this.counts).set(e.id,n),t.status!==e.status&&(this.events=this.events?.map(n=>n.id===e.id?{...n,status:t.status}:n)),this.problem=void 0}catch(e){this.problem=Ae(e)}}render(){let{texts:e}=this.speech;return R`${this.problem?R`<p class="problem" role="alert">${H(this.problem,this.speech)}</p>`:z}
      ${this.events===void 0?R`<p role="status">${e.loading}</p>`:z}
      ${this.events?.length===0?R`<p>${e.noEvents} <a href="/console/new">${e.newEvent}</a></p>`:z}
      ${this.events?.map(e=>this.card(e))}
      ${this.cursor===null?z:R`<button @click=${()=>void this.readMore()}>${e.more}</button>`}`}card(e){let{texts:t,language:n}=this.speech,r=this.counts.get(e.id),i=r?t.soldOf(r.sold.toLocaleString(n),ft(r).toLocaleString(n)):``,a=[e.starts_at?t.begins(nt(e.starts_at,n)):``,e.sale.opens_at?t.opens(nt(e.sale.opens_at,n)):``].filter(Boolean).join(` · `);return R`<a class="panel" href="/console/e/${e.id}">
      <span><h2>${e.name}</h2><span class="quiet">${a}</span></span>
      <span class="line"><span class="badge ${e.status}">${t.status[e.status]??e.status}</span><span class="end">${i}</span></span>
      <span></span>${r?pt(r,i):R`<span class="bar"></span>`}
    </a>`}};customElements.define(`flashtix-event-list`,Lc);var Rc=class extends we{static{this.styles=[Be,xc,o`
      :host {
        height: 420px;
        border: 1px solid var(--line);
        border-radius: 8px;
      }
    `]}static{this.properties={chart:{attribute:!1},label:{type:String},language:{type:String},theme:{type:String,reflect:!0}}}disconnectedCallback(){super.disconnectedCallback(),this.map?.stop(),this.map=void 0}updated(e){if(!e.has(`chart`)&&!e.has(`theme`))return;this.map?.stop();let{texts:t}=$e(this.language),n=hs(this.chart,this.chart.areas,this.chart.categories.map(e=>e.key)),r=new es(n);r.replace({seq:0,chart_id:this.chart.id,status:`draft`,seats:`f`.repeat(ms(this.chart)),areas:Object.fromEntries(this.chart.areas.map(e=>[e.name,{free:e.capacity,held:0,sold:0,blocked:0}])),categories:{}});let i=e=>this.renderRoot.querySelector(`canvas.${e}`);this.map=new uc(this.renderRoot.querySelector(`.plan`),{base:i(`base`),seats:i(`seats`),over:i(`over`)},n,r,this.theme===`dark`?Os:Ds,{picked:()=>void 0,areaPicked:()=>void 0,hovered:()=>void 0,painted:()=>void 0,isChosen:()=>!1,isMine:()=>!1,isWanted:()=>!0,isPainting:()=>!1,left:e=>t.left(e),stage:()=>t.stage})}render(){return R`<div class="plan" role="img" aria-label=${this.label}><canvas class="base" aria-hidden="true"></canvas><canvas class="seats" aria-hidden="true"></canvas><canvas class="over" aria-hidden="true"></canvas></div>`}};customElements.define(`flashtix-chart-preview`,Rc);var zc=33554432,Bc=`standard`,Vc=class extends we{static{this.styles=[Be,Ve,go,o`
      :host {
        display: block;
        max-width: 1000px;
        margin: 0 auto;
      }
      form {
        display: grid;
        gap: 18px;
      }
      section {
        display: grid;
        gap: 12px;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(210px, 1fr));
        gap: 12px 18px;
        align-items: end;
      }
      label {
        min-width: 0;
      }
      .fields :is(select, input) {
        width: 100%;
      }
    `]}static{this.properties={client:{attribute:!1},speech:{attribute:!1},theme:{type:String,reflect:!0},charts:{state:!0},chart:{state:!0},areas:{state:!0},said:{state:!0},refused:{state:!0},isBusy:{state:!0},currency:{state:!0}}}constructor(){super(),this.charts=[],this.areas=[],this.isBusy=!1,this.currency=`EUR`}connectedCallback(){super.connectedCallback(),this.run(async()=>{this.charts=(await this.client.charts()).items})}async run(e){let{settings:t}=this.speech.texts;this.isBusy=!0,this.refused=void 0;try{await e()}catch(e){e instanceof jc?(this.refused=e.field.startsWith(`price:`)?t.priceWrong(e.what):e.field.endsWith(`_at`)?t.timeWrong(e.what):t.numberWrong(e.what),this.renderRoot.querySelector(`[name="${CSS.escape(e.field)}"]`)?.focus()):this.refused=H(Ae(e),this.speech)}finally{this.isBusy=!1,this.updateComplete.then(()=>this.renderRoot.querySelector(`.problem`)?.scrollIntoView({block:`nearest`}))}}get categories(){let e=this.chart?.categories??[],t=new Set(e.map(e=>e.key)),n=[...new Set(this.areas.map(e=>e.category.trim()).filter(e=>e!==``&&!t.has(e)))];return[...e,...n.map(e=>({key:e,name:e}))]}show(e){return this.run(async()=>{this.said=void 0,this.chart=e===``?void 0:await this.client.chart(e)})}upload(e){let{create:t}=this.speech.texts;return this.run(async()=>{if(this.said=void 0,e){if(e.size>zc)this.refused=t.tooLarge(zc/1024/1024);else{this.said=t.uploading;try{let n=await e.text(),r=Hc(n);if(r===void 0){this.refused=t.notJson,this.said=void 0;return}let i=await this.client.createChart(n,r?`pretix`:`flashtix`);this.charts=[...this.charts.filter(e=>e.id!==i.id),i],this.chart=await this.client.chart(i.id);let a=i.renamed?.length??0;this.said=`${t.uploaded(i.name,i.seats)}${a>0?` ${t.renamed(a)}`:``}`}catch(e){throw this.said=void 0,e}}}})}submit(e){let{create:t,settings:n}=this.speech.texts;return this.run(async()=>{let r=t=>String(e.get(t)??``).trim();if(!this.chart&&this.areas.length===0){this.refused=t.needsPlaces;return}let i=(e,t)=>{if(r(e)===``)return;let n=Dc(r(e));if(n===void 0)throw new jc(e,t);return n},a=this.areas.map((e,n)=>{let r=Ec(e.units);if(r===void 0)throw new jc(`units:${n}`,t.areaUnits);return{name:e.name.trim(),capacity:r,category:e.category.trim()}}),o=r(`per_buyer`)===``?void 0:Ec(r(`per_buyer`));if(r(`per_buyer`)!==``&&o===void 0)throw new jc(`per_buyer`,n.perBuyer);let[s,c,l]=[i(`starts_at`,n.startsAt),i(`opens_at`,n.opensAt),i(`closes_at`,n.closesAt)],u={name:r(`name`),currency:this.currency,status:r(`status`)===`draft`?`draft`:`open`,prices:Ac(e,this.categories.map(e=>e.key),[Bc],this.currency),public_confirm:e.get(`public_confirm`)!==null,...this.chart?{chart_id:this.chart.id}:{},...a.length>0?{areas:a}:{},...s?{starts_at:s}:{},...c||l?{sale:{opens_at:c??null,closes_at:l??null}}:{},...o===void 0?{}:{max_per_buyer:o}},d=await this.client.createEvent(u);this.dispatchEvent(new CustomEvent(`console-go`,{detail:`/console/e/${d.id}`,bubbles:!0,composed:!0}))})}render(){let{create:e}=this.speech.texts;return R`<h2>${e.title}</h2>
      <form @submit=${e=>{e.preventDefault(),this.submit(new FormData(e.target))}}>
        <section class="panel">${this.chartPart()}</section>
        <section class="panel"><h2>${e.areas}</h2>${this.areaPart()}</section>
        <section class="panel">${this.eventPart()}</section>
      </form>`}chartPart(){let{create:e}=this.speech.texts,t=this.chart!==void 0&&ms(this.chart)<=25e4;return R`<h2>${e.chart}</h2>
      <div class="fields">
        <label>${e.known}<select name="chart" @change=${e=>void this.show(e.target.value)}>
          <option value="">${e.noChart}</option>
          ${this.charts.map(e=>R`<option value=${e.id} ?selected=${e.id===this.chart?.id}>${e.name} (${e.seats})</option>`)}
        </select></label>
        <label>${e.upload}<input type="file" accept=".json,application/json" ?disabled=${this.isBusy} @change=${e=>void this.upload(e.target.files?.[0])} /></label>
      </div>
      <div aria-live="polite">
        ${this.said?R`<p class="done">${this.said}</p>`:z}${this.refused?R`<p class="problem" role="alert">${this.refused}</p>`:z}
      </div>
      ${t?R`<flashtix-chart-preview theme=${this.theme} language=${this.speech.language} label=${e.preview} .chart=${this.chart}></flashtix-chart-preview>`:z}
      ${this.chart&&!t?R`<p class="note">${e.previewTooLarge}</p>`:z}`}areaPart(){let{create:e}=this.speech.texts,t=(e,t)=>this.areas=this.areas.map((n,r)=>r===e?{...n,...t}:n),n=e=>e.target.value;return R`${this.areas.map((r,i)=>R`<div class="line">
        <label>${e.areaName}<input maxlength="64" required .value=${r.name} @input=${e=>t(i,{name:n(e)})} /></label>
        <label>${e.areaUnits}<input name="units:${i}" inputmode="numeric" required .value=${r.units} @input=${e=>t(i,{units:n(e)})} /></label>
        <label>${e.areaCategory}<input maxlength="64" required list="categories" .value=${r.category} @change=${e=>t(i,{category:n(e)})} /></label>
        <button type="button" class="plain" aria-label=${e.removeArea(r.name)} @click=${()=>this.areas=this.areas.filter((e,t)=>t!==i)}>✕</button>
      </div>`)}
      <datalist id="categories">${this.categories.map(e=>R`<option value=${e.key}></option>`)}</datalist>
      <div><button type="button" @click=${()=>this.areas=[...this.areas,{name:``,units:``,category:``}]}>${e.addArea}</button></div>`}eventPart(){let{create:e,settings:t}=this.speech.texts;return R`<div class="fields">
        <label>${e.name}<input name="name" maxlength="200" required /></label>
        <label>${e.currency}<input name="currency" maxlength="3" pattern="[A-Z]{3}" required .value=${this.currency} @change=${e=>this.currency=e.target.value.trim().toUpperCase()} /></label>
        <label>${t.startsAt}<input name="starts_at" type="datetime-local" /></label>
        <label>${t.opensAt}<input name="opens_at" type="datetime-local" /></label>
        <label>${t.closesAt}<input name="closes_at" type="datetime-local" /></label>
        <label>${t.perBuyer}<input name="per_buyer" inputmode="numeric" placeholder=${t.perBuyerHint} /></label>
        <label>${e.status}<select name="status"><option value="draft">${e.draft}</option><option value="open">${e.open}</option></select></label>
      </div>
      <h2>${t.prices} (${this.currency})</h2>
      <div class="fields">${this.categories.map((e,n)=>R`<label>${e.name}<input name=${kc(n,0)} inputmode="decimal" placeholder=${t.notSold} /></label>`)}</div>
      <label class="check"><input type="checkbox" name="public_confirm" />${t.publicConfirm}</label>
      <div><button class="primary" ?disabled=${this.isBusy}>${e.submit}</button></div>`}};function Hc(e){try{let t=JSON.parse(e);return typeof t==`object`&&t&&!Array.isArray(t)?Array.isArray(t.zones):void 0}catch{return}}customElements.define(`flashtix-new-event`,Vc);var Uc=`flashtix:secret`,Wc=/^sk_(live|test)_[!-~]+$/,Gc=class extends we{static{this.styles=[Be,Ve,go,o`
      :host {
        display: block;
        min-height: 100vh;
        background: var(--surface);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 16px;
        padding: 10px clamp(12px, 2vw, 28px);
        background: var(--panel);
        border-bottom: 1px solid var(--line);
      }
      nav.line {
        align-items: center;
      }
      header h1 {
        margin: 0;
        font-size: 18px;
      }
      header h1 a {
        color: inherit;
        text-decoration: none;
      }
      main {
        padding: 16px clamp(12px, 2vw, 28px) 40px;
      }
      form.panel {
        max-width: 460px;
        margin: 8vh auto;
        display: grid;
        gap: 14px;
        padding: 24px;
      }
      form.panel h2 {
        font-size: 19px;
        margin: 0;
      }
    `]}static{this.properties={theme:{type:String,reflect:!0},client:{state:!0},path:{state:!0},refused:{state:!0},isBusy:{state:!0}}}constructor(){super(),this.speech=st(new URLSearchParams(location.search).get(`lang`),navigator.language),this.stopper=new AbortController,this.theme=He()?`dark`:`light`,this.path=location.pathname,this.isBusy=!1}connectedCallback(){super.connectedCallback();let{speech:e}=this;document.documentElement.lang=e.language,document.documentElement.dir=e.direction,document.title=e.texts.title;let{signal:t}=this.stopper;globalThis.addEventListener(`popstate`,()=>this.path=location.pathname,{signal:t}),this.addEventListener(`click`,e=>this.follow(e),{signal:t}),this.addEventListener(`console-go`,e=>this.go(e.detail),{signal:t});let n=this.keyOfLink()??sessionStorage.getItem(Uc);n!==null&&this.signIn(n,sessionStorage.getItem(Uc)!==null)}disconnectedCallback(){super.disconnectedCallback(),this.stopper.abort()}keyOfLink(){let e=/^#key=(sk_test_[!-~]+)$/.exec(location.hash)?.[1];return e===void 0?null:(history.replaceState(null,``,location.pathname+location.search),sessionStorage.setItem(Uc,e),e)}follow(e){if(e.defaultPrevented||e.button!==0||e.ctrlKey||e.metaKey||e.shiftKey||e.altKey)return;let t=e.composedPath().find(e=>e instanceof HTMLAnchorElement);if(!t||t.target!==``||t.hasAttribute(`download`))return;let n=new URL(t.href);n.origin===location.origin&&/^\/console(\/|$)/.test(n.pathname)&&(e.preventDefault(),this.go(n.pathname))}go(e){history.pushState(null,``,e+location.search),this.path=e,globalThis.scrollTo(0,0)}async signIn(e,t){let{texts:n}=this.speech;if(this.refused=void 0,e.startsWith(`pk_`)?this.refused=n.signIn.publishable:Wc.test(e)||(this.refused=n.signIn.malformed),!this.refused){this.isBusy=!0;try{let n=new Le(``,e);await n.events(),t&&sessionStorage.setItem(Uc,e),this.client=n}catch(e){let t=Ae(e);t.status===401&&sessionStorage.removeItem(Uc),this.refused=t.status===401?n.signIn.wrong:H(t,this.speech)}finally{this.isBusy=!1}}}signOut(){sessionStorage.removeItem(Uc),this.client=void 0}render(){let{texts:e}=this.speech,{client:t}=this;return R`<header>
        <h1><a href="/console">${e.title}</a></h1>
        ${t?R`<span class="badge ${t.key.startsWith(`sk_test_`)?`test`:``}">${t.key.startsWith(`sk_test_`)?e.test:e.live}</span>
              <nav class="line end">
                <a href="/console">${e.events}</a><a href="/console/new">${e.newEvent}</a>
                <button class="plain" @click=${()=>this.signOut()}>${e.out}</button>
              </nav>`:z}
      </header>
      <main>${t?this.page(t):this.signInForm()}</main>`}page(e){let t=/^\/console\/e\/([0-9A-Za-z_]+)\/?$/.exec(this.path)?.[1];return t===void 0?this.path.startsWith(`/console/new`)?R`<flashtix-new-event theme=${this.theme} .client=${e} .speech=${this.speech}></flashtix-new-event>`:R`<flashtix-event-list theme=${this.theme} .client=${e} .speech=${this.speech}></flashtix-event-list>`:R`<flashtix-control-room theme=${this.theme} .client=${e} .speech=${this.speech} .eventId=${t}></flashtix-control-room>`}signInForm(){let{signIn:e}=this.speech.texts;return R`<form class="panel" @submit=${e=>{e.preventDefault();let t=new FormData(e.target);this.signIn(String(t.get(`key`)??``).trim(),t.get(`remember`)!==null)}}>
      <h2>${e.title}</h2>
      <label>${e.key}<input name="key" type="password" autocomplete="off" spellcheck="false" required aria-describedby="hint" /></label>
      <span class="quiet" id="hint">${e.hint}</span>
      <label class="check"><input name="remember" type="checkbox" />${e.remember}</label>
      ${this.refused?R`<p class="problem" role="alert">${this.refused}</p>`:z}
      <button class="primary" ?disabled=${this.isBusy}>${e.submit}</button>
      <span class="quiet">${e.demo}</span>
    </form>`}};customElements.define(`flashtix-console`,Gc);