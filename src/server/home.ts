/** GET /: a redirect to the player. */
import type { Handle } from './http.js';

export const showHome: Handle = () => ({ status: 302, headers: { Location: '/player', 'Cache-Control': 'no-store' } });
