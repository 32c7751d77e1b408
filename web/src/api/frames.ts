/** Server-sent events, taken apart as the HTML standard describes it (section 9.2.6), with bounds on what a server may send. */

export interface Frame {
  event: string;
  data: string;
  /** The last `id` seen on the stream, this frame's included. */
  id: string;
}

/** Characters a frame may have: a snapshot of a million seats has about as many. */
const FRAME_CHARACTERS_MAX = 8_000_000;

/** Takes text as it comes and gives the frames that are complete. */
export class Frames {
  private rest = '';
  private event = '';
  private data: string[] = [];
  private size = 0;
  private id = '';

  /** @throws when a frame grows past all bounds. */
  push(text: string): Frame[] {
    const frames: Frame[] = [];
    this.rest += text;
    let from = 0;
    for (;;) {
      const end = this.rest.indexOf('\n', from);
      if (end < 0) break;
      const line = this.rest.slice(from, this.rest[end - 1] === '\r' && end > from ? end - 1 : end);
      from = end + 1;
      if (line === '') {
        if (this.data.length > 0) frames.push({ event: this.event || 'message', data: this.data.join('\n'), id: this.id });
        this.event = '';
        this.data = [];
        this.size = 0;
      } else {
        this.field(line);
      }
    }
    this.rest = this.rest.slice(from);
    if (this.rest.length + this.size > FRAME_CHARACTERS_MAX) throw new Error('a frame of the feed is too large');
    return frames;
  }

  private field(line: string): void {
    if (line.startsWith(':')) return;
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (name === 'event') this.event = value;
    else if (name === 'id' && !value.includes('\0')) this.id = value;
    else if (name === 'data') {
      this.data.push(value);
      this.size += value.length;
    }
  }
}
