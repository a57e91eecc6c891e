/** The parameter sets of one stream by their ids, from its sequence header and from among its frames, the newest of each. */
import { WireError } from '../bytes/wire-error.js';
import type { ActiveSets, Identified, NalCodec, SetKind } from './nal-codec.js';

/** All sets together: they are sent before each picture that decoding can begin with, and no real source comes near. */
const mostBytes = 65_536;
/** H.264 has 256 PPS at most. */
const mostOfKind = 256;
/** They are sent before each keyframe, used or not. */
const mostAlike = 4;

interface Stored {
  readonly bytes: Uint8Array;
  readonly parent: number | null;
}

/** All that it says but for its id. */
const sayingOf = (sps: Identified): string => JSON.stringify({ ...sps, spsId: 0 });

export class ParameterSets<Sps extends Identified> {
  readonly #codec: NalCodec<Sps>;
  readonly #stored: Readonly<Record<SetKind, Map<number, Stored>>> = { vps: new Map(), sps: new Map(), pps: new Map() };
  readonly #parsed = new Map<number, Sps>();
  #bytes = 0;
  #revision = 0;

  constructor(codec: NalCodec<Sps>) {
    this.#codec = codec;
  }

  /** Another one whenever a set has changed. */
  get revision(): number {
    return this.#revision;
  }

  /** True when this very set is in use: by its bytes, for idle streams ask it of each keyframe. */
  has(kind: SetKind, nal: Uint8Array): boolean {
    return [...this.#stored[kind].values()].some(({ bytes }) => Buffer.compare(bytes, nal) === 0);
  }

  /** Keeps a copy: a view of what was read from the socket would hold a whole read. Throws WireError on one that cannot be read. */
  put(kind: SetKind, nal: Uint8Array): void {
    const { id, parent } = this.#codec.readIds(kind, nal);
    const sets = this.#stored[kind];
    const before = sets.get(id);
    if (before !== undefined && Buffer.compare(before.bytes, nal) === 0) return;
    const bytes = this.#bytes - (before?.bytes.length ?? 0) + nal.length;
    if (bytes > mostBytes) throw new WireError('parameterSets', `more than ${mostBytes} bytes of parameter sets`);
    if (before === undefined && sets.size >= mostOfKind)
      throw new WireError('parameterSets', `more than ${mostOfKind}`);
    if (kind === 'sps') this.#parsed.set(id, this.#codec.readSps(nal));
    sets.set(id, { bytes: Uint8Array.from(nal), parent });
    this.#bytes = bytes;
    this.#revision += 1;
  }

  /** The SPS that this PPS refers to; null while one of the two is not known. */
  spsOf(ppsId: number): Sps | null {
    const spsId = this.#stored.pps.get(ppsId)?.parent ?? null;
    return spsId === null ? null : (this.#parsed.get(spsId) ?? null);
  }

  /** What slices that name this PPS are coded by; null while it is not all known. */
  active(ppsId: number): { readonly spsId: number; readonly parsed: Sps; readonly sets: ActiveSets } | null {
    const { vps, sps, pps } = this.#stored;
    const spsId = pps.get(ppsId)?.parent ?? null;
    const parsed = spsId === null ? undefined : this.#parsed.get(spsId);
    if (spsId === null || parsed === undefined) return null;
    const ids = this.#alike(spsId, parsed);
    const [first, ...others] = ids.flatMap((id) => sps.get(id) ?? []);
    if (first === undefined) return null;
    const vpsIds = new Set([first, ...others].map(({ parent }) => parent));
    const sets: ActiveSets = {
      vps: [...vps].filter(([id]) => vpsIds.has(id)).map(([, { bytes }]) => bytes),
      sps: [first.bytes, ...others.map(({ bytes }) => bytes)],
      pps: [...pps.values()].filter(({ parent }) => parent !== null && ids.includes(parent)).map(({ bytes }) => bytes),
    };
    return { spsId, parsed, sets };
  }

  /** Ids of the SPS that say the same, in one order whichever of them is in use. */
  #alike(spsId: number, parsed: Sps): readonly number[] {
    const said = sayingOf(parsed);
    const ids = [...this.#parsed].filter(([, other]) => sayingOf(other) === said).map(([id]) => id);
    return ids.length > mostAlike ? [spsId] : ids;
  }

  /** Before any slice names one. */
  get firstPpsId(): number | null {
    const [ppsId] = this.#stored.pps.keys();
    return ppsId ?? null;
  }
}
