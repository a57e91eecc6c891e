/** What a caller may do by REST: `read` sees everything and changes nothing, `control` pulls and ends streams, `admin` all. */
export const scopes = ['read', 'control', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export const includesScope = (held: Scope, needed: Scope): boolean => scopes.indexOf(held) >= scopes.indexOf(needed);
