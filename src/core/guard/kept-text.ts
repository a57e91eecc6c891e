/** Texts of strangers that are kept for as long as their session. */

/** Its beginning, as a text of its own: of a part of a text V8 keeps the whole, which may be a head of 100 kB or an offer. */
export const keptText = (text: string, maxChars: number): string => Buffer.from(text.slice(0, maxChars)).toString();
