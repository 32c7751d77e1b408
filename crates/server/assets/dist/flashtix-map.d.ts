/** The wire, as `docs/openapi.json` describes it: what the pages read of it, and nothing that they do not. */
export type Key = string;
/** Minor units of a currency: 1250 is 12.50 EUR. */
export type Minor = number;
export type Prices = Record<Key, Minor | Record<Key, Minor>>;
export type EventStatus = 'draft' | 'open' | 'paused' | 'closed' | 'cancelled';
export interface TicketType {
    key: Key;
    name: string | null;
    public: boolean;
}
export interface Sale {
    opens_at: string | null;
    closes_at: string | null;
}
/** One sale of places. */
export interface SaleEvent {
    id: string;
    seq: number;
    name: string;
    livemode: boolean;
    chart_id: string | null;
    areas: {
        name: string;
        capacity: number;
        category: Key;
    }[];
    categories: Key[];
    capacity: number;
    starts_at: string | null;
    currency: string;
    status: EventStatus;
    sale: Sale;
    ticket_types: TicketType[];
    prices: Prices | null;
    hold_seconds: number;
    max_hold_seconds: number;
    max_per_buyer: number | null;
    public_confirm: boolean;
    access: 'open' | 'token';
    created_at: string;
}
export interface Page<T> {
    items: T[];
    next_cursor: string | null;
}
export interface Category {
    key: Key;
    name: string;
    color: string;
}
export interface ChartSeat {
    label: string;
    x: number;
    y: number;
    category: Key;
    accessible: boolean;
    attributes: string[];
}
/** A seating chart. The order of its seats is the order of the characters of an availability. */
export interface Chart {
    id: string;
    name: string;
    categories: Category[];
    sections: {
        name: string;
        rows: {
            label: string;
            seats: ChartSeat[];
        }[];
    }[];
    /** `shape` is whatever the chart's maker drew; the map understands polygons. */
    areas: {
        name: string;
        capacity: number;
        category: Key;
        shape?: unknown;
    }[];
    focal_point?: {
        x: number;
        y: number;
    };
}
export interface Counts {
    free: number;
    held: number;
    sold: number;
    blocked: number;
}
/** Who has what, as committed at `seq`: one character a seat, of which only `f` is free. */
export interface Availability {
    seq: number;
    chart_id: string | null;
    status: EventStatus;
    seats: string;
    areas: Record<string, Counts>;
    categories: Record<Key, Counts>;
}
/** What changed in the commits `from` to `seq`; seats by their number in the chart's order. */
export interface Commit {
    from: number;
    seq: number;
    seats?: Record<string, string>;
    areas?: Record<string, Counts>;
}
export interface HeldPlace {
    label: string;
    section: string;
    row: string;
    seat: string;
    category: Key;
    ticket_type: Key;
    price: Minor;
}
export interface HeldArea {
    name: string;
    quantity: number;
    category: Key;
    ticket_type: Key;
    price: Minor;
}
export interface Hold {
    id: string;
    status: 'active' | 'confirmed' | 'released' | 'expired';
    version: number;
    token: string;
    order_id?: string;
    event_id: string;
    buyer: string;
    places: HeldPlace[];
    areas: HeldArea[];
    amount: Minor;
    currency: string;
    created_at: string;
    expires_at: string;
}
export interface Ticket {
    id: string;
    status: 'valid' | 'cancelled';
    code?: string;
    label: string;
    section?: string;
    row?: string;
    seat?: string;
    category: Key;
    ticket_type: Key;
    price: Minor;
}
export interface Order {
    id: string;
    event_id: string;
    buyer: string;
    status: 'confirmed' | 'cancelled';
    seq: number;
    currency: string;
    amount: Minor;
    amount_cancelled: Minor;
    payment_ref: string | null;
    ref?: string;
    created_at: string;
    tickets: Ticket[];
}
export interface LedgerItem {
    seq: number;
    at: string;
    hash: string;
    kind: string;
    /** The key's identifier, or `system`. */
    actor: string;
    /** A surrogate: no name is ever in the ledger. */
    buyer?: string;
    ignored: string[];
    changes: LedgerChange[];
}
export interface LedgerChange {
    place?: string;
    area?: string;
    units?: number;
    from?: string;
    to?: string;
    channel?: string;
    ticket_type?: Key;
    price?: Minor;
    hold_id?: string;
    order_id?: string;
    ticket_id?: string;
}
/** A chart in a list, and the answer to its upload. */
export interface ChartSummary {
    id: string;
    name: string;
    seats: number;
    capacity: number;
    created_at: string;
    /** Rows and sections that got other names, where two had the same. */
    renamed?: unknown[];
}
/** What a block or an unblock did. Held and sold places go to the channel later, when they come free. */
export interface Assigned {
    seq: number;
    blocked?: number;
    unblocked?: number;
    later: {
        place: string;
        state: string;
    }[];
}
export interface NewEvent {
    name: string;
    chart_id?: string;
    areas?: {
        name: string;
        capacity: number;
        category: Key;
    }[];
    starts_at?: string;
    currency: string;
    status: 'draft' | 'open';
    sale?: Partial<Sale>;
    prices?: Prices;
    hold_seconds?: number;
    max_hold_seconds?: number;
    max_per_buyer?: number;
    public_confirm?: boolean;
}
export type EventPatch = Partial<Pick<SaleEvent, 'name' | 'status' | 'sale' | 'prices' | 'hold_seconds' | 'max_hold_seconds' | 'max_per_buyer' | 'starts_at' | 'public_confirm'>>;
export interface BestAvailable {
    quantity?: number;
    ticket_types?: Key[];
    categories?: Key[];
    sections?: string[];
    accessible?: boolean;
    adjacent?: boolean;
}
export interface PlaceWanted {
    place: string;
    ticket_type?: Key;
}
export interface AreaWanted {
    name: string;
    quantity: number;
    ticket_type?: Key;
}
/** What a hold or an order asks for: places and areas together, or the best there are. */
export interface Wanted {
    places?: PlaceWanted[];
    areas?: AreaWanted[];
    best_available?: BestAvailable;
}
/** RFC 9457: the body of every 4xx and 5xx. */
export interface ProblemBody {
    status: number;
    code: string;
    title: string;
    detail: string;
    retryable: boolean;
    request_id?: string;
    retry_after_ms?: number;
    places?: string[];
    reasons?: Record<string, string>;
    /** Which field of a request is wrong, as a JSON pointer, and why. */
    pointer?: string;
    reason?: string;
    opens_at?: string;
    max?: number;
    used?: number;
    amount?: Minor;
    order_id?: string;
    hold_status?: string;
}
/** How a feed is followed: `live` has every commit; in `lost` what is shown may be out of date; `failed` is over. */
export type Connection = 'connecting' | 'live' | 'lost' | 'failed';

/**
 * What a buyer has in an event. `lapsed` keeps the last hold, so that the same places can be offered again; `bought` has no order
 * where another window bought.
 */
export type BasketState = {
    kind: 'empty';
} | {
    kind: 'held';
    hold: Hold;
} | {
    kind: 'lapsed';
    hold: Hold;
} | {
    kind: 'bought';
    hold: Hold;
    order: Order | undefined;
};

/** What a shop's own script may rely on: the types of `<flashtix-map>`, which `docs/seat-map.md` describes. Shipped as `/flashtix-map.d.ts`. */
/** The buyer's hold, and what can be done with it. Every method rejects with an `Error` that has the problem as `body`. */
export interface FlashtixBasket extends EventTarget {
    readonly state: BasketState;
    readonly hold: Hold | undefined;
    /** Milliseconds until the hold's deadline, by the server's clock. */
    readonly leftMs: number;
    /** Asks for a deadline that many seconds from now; never shortens. */
    extend(seconds: number): Promise<void>;
    remove(part: {
        places?: string[];
        areas?: AreaWanted[];
    }): Promise<void>;
    release(): Promise<void>;
    /** Only in events with `public_confirm`; elsewhere your server confirms. */
    confirm(buyer: string): Promise<Order>;
    /** Reads the hold anew, as after a refusal that says that it was changed elsewhere. */
    restore(): Promise<void>;
    /** Forgets what was bought or lapsed, so that the buyer can begin anew. */
    forget(): void;
}
export interface FlashtixMapElement extends HTMLElement {
    /** The event's identifier. */
    event: string;
    publishableKey: string;
    /** What lets the buyer into a presale, as your server made it; empty for none. */
    accessToken: string;
    /** Where FlashTix is; empty for the page's own origin. */
    server: string;
    /** What holds are made for; empty for a random name of this browser. */
    buyer: string;
    maxSelection: number;
    mode: 'choose' | 'view';
    /** Keeps the basket over a reload and in every tab of the browser. */
    remember: boolean;
    theme: 'light' | 'dark';
    /** The labels of the chosen seats. */
    readonly selected: string[];
    readonly basket: FlashtixBasket | undefined;
    readonly saleEvent: SaleEvent | undefined;
    /** Chooses seats; returns those that could be. */
    select(labels: string[]): string[];
    clear(): void;
    /** Holds what is chosen; nothing after a refusal, which `flashtix-refused` tells. */
    hold(): Promise<Hold | undefined>;
    /** Holds the best there are; `maxPrice` is for each seat. */
    bestAvailable(wish: BestAvailable & {
        maxPrice?: Minor;
    }): Promise<Hold | undefined>;
    zoomTo(section: string): void;
}
export interface FlashtixMapEvents {
    'flashtix-ready': CustomEvent<{
        event: SaleEvent;
    }>;
    'flashtix-selection': CustomEvent<{
        places: string[];
        areas: AreaWanted[];
        amount: Minor;
    }>;
    'flashtix-hold': CustomEvent<Hold>;
    'flashtix-refused': CustomEvent<ProblemBody>;
    'flashtix-basket': CustomEvent<BasketState>;
    'flashtix-event': CustomEvent<SaleEvent>;
    'flashtix-connection': CustomEvent<{
        state: Connection;
        problem: ProblemBody | undefined;
    }>;
}
declare global {
    interface HTMLElementTagNameMap {
        'flashtix-map': FlashtixMapElement;
    }
    interface HTMLElementEventMap extends FlashtixMapEvents {
    }
}
