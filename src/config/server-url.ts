/** The address of a server, as commands take it. */
export const isServerUrl = (text: string): boolean => /^https?:\/\//.test(text) && URL.canParse(text);
