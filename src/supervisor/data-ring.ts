/** The last data events of a stream, and what its metadata say by now: bounded, whatever the source sends. */

export interface SourceData {
  /** "onTextData", "onCuePoint", "onMetaData", or any other. */
  readonly name: string;
  /** As JSON has them. */
  readonly values: readonly unknown[];
  /** The source's own time-stamp, 32 bit unsigned. */
  readonly timestampMs: number;
  /** When it came, UTC. */
  readonly receivedMs: number;
}

export interface KeptData extends SourceData {
  /** 1, 2, 3 ... as long as the pull lives. */
  readonly seq: number;
}

interface DataRingOptions {
  readonly maxEvents: number;
  /** Of all events kept together, in characters of JSON. */
  readonly maxLength: number;
}

export interface DataRing {
  /** The number of the newest; 0 before the first. */
  readonly lastSeq: number;
  /** All onMetaData of this session, later values over earlier ones. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** `length`: that of its values as JSON. */
  add(data: SourceData, length: number): void;
  /** Those kept with a greater number, oldest first. */
  since(seq: number): readonly KeptData[];
  /** A session begins: what the one before said of itself is over. */
  newSession(): void;
}

/** As many keys as no encoder names; a source could go on inventing them. */
const maxMetadataKeys = 256;

export function createDataRing({ maxEvents, maxLength }: DataRingOptions): DataRing {
  const kept: { readonly event: KeptData; readonly length: number }[] = [];
  let totalLength = 0;
  let lastSeq = 0;
  let metadata = new Map<string, unknown>();

  const merge = (values: readonly unknown[]): void => {
    const [said] = values;
    if (typeof said !== 'object' || said === null || Array.isArray(said)) return;
    for (const [name, value] of Object.entries(said)) {
      if (metadata.size < maxMetadataKeys || metadata.has(name)) metadata.set(name, value);
    }
  };

  return {
    get lastSeq() {
      return lastSeq;
    },
    get metadata() {
      return Object.fromEntries(metadata);
    },
    add(data, length) {
      lastSeq += 1;
      kept.push({ event: { seq: lastSeq, ...data }, length });
      totalLength += length;
      while (kept.length > maxEvents || totalLength > maxLength) totalLength -= kept.shift()?.length ?? 0;
      if (data.name === 'onMetaData') merge(data.values);
    },
    since: (seq) => kept.map(({ event }) => event).filter((event) => event.seq > seq),
    newSession() {
      metadata = new Map();
    },
  };
}
