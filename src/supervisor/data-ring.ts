/** The last data messages of a stream, and its merged metadata; both are bounded, whatever the source sends. */

export interface SourceData {
  /** "onTextData", "onCuePoint", "onMetaData", or any other. */
  readonly name: string;
  /** JSON values. */
  readonly values: readonly unknown[];
  /** RTMP timestamp of the source, 32 bit unsigned. */
  readonly timestampMs: number;
  /** Time of arrival, UTC. */
  readonly receivedMs: number;
}

export interface KeptData extends SourceData {
  /** Counts from 1 over the life of the pull. */
  readonly seq: number;
}

interface DataRingOptions {
  readonly maxEvents: number;
  /** Of all kept events together, in characters of JSON. */
  readonly maxLength: number;
}

export interface DataRing {
  /** `seq` of the newest event; 0 before the first. */
  readonly lastSeq: number;
  /** The values of all onMetaData of this RTMP session; later ones replace earlier ones of the same name. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** `length`: of its values as JSON, in characters. */
  add(data: SourceData, length: number): void;
  /** The kept events with a greater `seq`, oldest first. */
  since(seq: number): readonly KeptData[];
  /** A new RTMP session begins: forgets the metadata of the last one. */
  newSession(): void;
}

/** More keys than any encoder sends; a hostile source could send new ones for ever. */
const maxMetadataKeys = 256;

export function createDataRing({ maxEvents, maxLength }: DataRingOptions): DataRing {
  const kept: { readonly event: KeptData; readonly length: number }[] = [];
  let totalLength = 0;
  let lastSeq = 0;
  let metadata = new Map<string, unknown>();

  const merge = (values: readonly unknown[]): void => {
    const [properties] = values;
    if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return;
    for (const [name, value] of Object.entries(properties)) {
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
