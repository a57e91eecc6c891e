/** The process of watchers.ts. */
import { joinWhep } from '../../support/viewer/whep-viewer.js';

const [endpoint = '', count = '0'] = process.argv.slice(2);
for (let n = 0; n < Number(count); n += 1) await joinWhep(endpoint, { hearsMedia: () => false });
process.send?.('all have joined');
