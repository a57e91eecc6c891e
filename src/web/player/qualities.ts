/** The sizes and bitrates that a page offers its viewers, which the server makes where it may (docs/whep.md, Endpoint). */

export interface Quality {
  readonly label: string;
  /** Of the WHEP endpoint; empty: the source's own video. */
  readonly wish: Readonly<Record<string, string>>;
}

const source: Quality = { label: 'Source', wish: {} };

/** "1280x720@1500 640x360@600": width, height, and kbit/s where wished. What is no such word is left out. */
export function readQualities(text: string): readonly Quality[] {
  const wished = text.split(/[\s,]+/).flatMap((word): readonly Quality[] => {
    const [, width, height, bitrate] = /^(\d{2,5})x(\d{2,5})(?:@(\d{2,6}))?$/.exec(word) ?? [];
    if (width === undefined || height === undefined) return [];
    return [{ label: `${height}p`, wish: { width, height, ...(bitrate === undefined ? {} : { bitrate }) } }];
  });
  return [source, ...wished];
}
