/** What the address of a source begins with (address.ts). Apart, because pages see the schemas that it is part of. */
/** As an error says it. */
export const sourceSchemes = 'rtmp(s)://, http(s):// of a WHEP endpoint, whep(s):// or ws(s)://';
export const sourceForm = /^(rtmps?|https?|wheps?|wss?):\/\/./i;
export const isRtmp = (uri: string): boolean => /^rtmps?:/i.test(uri);
export const isSourceAddress = (text: string): boolean => sourceForm.test(text);
