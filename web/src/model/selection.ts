/** What a buyer has chosen and not asked for yet: seats, each for a ticket type, and units of areas. */

import type { AreaWanted, PlaceWanted, SaleEvent } from '../api/types';
import { offers } from './prices';
import type { Venue } from './venue';

export interface ChosenSeat {
  seat: number;
  ticketType: string;
}

export interface ChosenUnits {
  area: string;
  ticketType: string;
  quantity: number;
}

export class Selection {
  private readonly seats = new Map<number, string>();
  private readonly units = new Map<string, ChosenUnits>();

  constructor(
    private readonly venue: Venue,
    private event: SaleEvent,
    /** Units in all. */
    public max: number,
  ) {}

  setEvent(event: SaleEvent): void {
    this.event = event;
  }

  /** Takes over what was chosen on another chart of the event; returns the labels of the seats that are not to be had here. */
  takeOver(before: Selection, isFree: (seat: number) => boolean): string[] {
    const seatOf = new Map(this.venue.labels.map((label, seat) => [label, seat]));
    for (const [key, units] of before.units) this.units.set(key, units);
    const gone: string[] = [];
    for (const { seat, ticketType } of before.chosenSeats) {
      const label = before.venue.labels[seat]!;
      const here = seatOf.get(label);
      if (here === undefined || !isFree(here) || !this.add(here, ticketType)) gone.push(label);
    }
    return gone;
  }

  get size(): number {
    let size = this.seats.size;
    for (const { quantity } of this.units.values()) size += quantity;
    return size;
  }

  has(seat: number): boolean {
    return this.seats.has(seat);
  }

  get chosenSeats(): ChosenSeat[] {
    return [...this.seats].map(([seat, ticketType]) => ({ seat, ticketType }));
  }

  get chosenUnits(): ChosenUnits[] {
    return [...this.units.values()].filter((units) => units.quantity > 0);
  }

  unitsOf(area: string, ticketType: string): number {
    return this.units.get(`${area}\n${ticketType}`)?.quantity ?? 0;
  }

  /** Returns whether there was room, and the seat is for sale. */
  add(seat: number, ticketType?: string): boolean {
    const offered = this.offersOf(seat);
    const type = offered.find((offer) => offer.ticketType === ticketType) ?? offered[0];
    if (!type || (!this.seats.has(seat) && this.size >= this.max)) return false;
    this.seats.set(seat, type.ticketType);
    return true;
  }

  remove(seat: number): boolean {
    return this.seats.delete(seat);
  }

  /** Sets how many units of an area; returns how many it is, within what may be chosen. */
  setUnits(area: string, ticketType: string, quantity: number, free: number): number {
    const key = `${area}\n${ticketType}`;
    const before = this.units.get(key)?.quantity ?? 0;
    const ofArea = this.chosenUnits.filter((units) => units.area === area).reduce((sum, units) => sum + units.quantity, 0);
    const room = Math.min(this.max - this.size + before, free - ofArea + before);
    const now = Math.max(0, Math.min(Math.floor(quantity) || 0, room));
    if (now === 0) this.units.delete(key);
    else this.units.set(key, { area, ticketType, quantity: now });
    return now;
  }

  clear(): void {
    this.seats.clear();
    this.units.clear();
  }

  /** The sum of prices, in minor units. */
  get amount(): number {
    let sum = 0;
    for (const [seat, type] of this.seats) sum += this.offersOf(seat).find((offer) => offer.ticketType === type)?.price ?? 0;
    for (const { area, ticketType, quantity } of this.units.values()) {
      const category = this.venue.areas.find((candidate) => candidate.name === area)?.category ?? 0;
      const key = this.venue.categories[category]?.key ?? '';
      sum += quantity * (offers(this.event, key).find((offer) => offer.ticketType === ticketType)?.price ?? 0);
    }
    return sum;
  }

  /** What a hold asks for to get all of it. */
  get wanted(): { places?: PlaceWanted[]; areas?: AreaWanted[] } {
    const places = [...this.seats].map(([seat, type]) => ({ place: this.venue.labels[seat]!, ticket_type: type }));
    const areas = this.chosenUnits.map((units) => ({ name: units.area, quantity: units.quantity, ticket_type: units.ticketType }));
    return { ...(places.length > 0 ? { places } : {}), ...(areas.length > 0 ? { areas } : {}) };
  }

  private offersOf(seat: number) {
    return offers(this.event, this.venue.categories[this.venue.category[seat]!]?.key ?? '');
  }
}
