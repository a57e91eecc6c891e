import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countClients } from '../../../../src/core/guard/tcp-table.js';

const rest = ' 00000000:00000000 00:00000000 00000000     0        0 79649 1 0000000011d9db64 100 0 0 10 0';
/** As Linux 6.1 writes it on x64. */
const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F91 00000000:0000 0A${rest}
   1: 0100007F:1F91 070200C0:C001 01${rest}
   2: 0100007F:1F91 070200C0:C002 08${rest}
   3: 0100007F:1F91 070200C0:C003 06${rest}
   4: 0100007F:1F91 080200C0:C001 01${rest}
   5: 0100007F:0050 070200C0:C004 01${rest}
   6: broken
`;
const tcp6 = `  sl  local_address                         remote_address                        st
   0: 00000000000000000000000001000000:1F91 B80D0120020001000000000007000000:C001 01${rest}
   1: 00000000000000000000000001000000:1F91 B80D0120020001000000000008000000:C002 01${rest}
   2: 0000000000000000FFFF00000100007F:1F91 0000000000000000FFFF0000070200C0:C003 01${rest}
`;

test('connections of our ports that hold a descriptor are counted by client', () => {
  assert.deepEqual(
    countClients(tcp, new Set([8081])),
    new Map([
      ['192.0.2.7', 2],
      ['192.0.2.8', 1],
    ]),
  );
});

test('IPv6 addresses are counted by network, IPv4 ones mapped into them by address', () => {
  assert.deepEqual(
    countClients(tcp6, new Set([8081])),
    new Map([
      ['2001:db8:1:2::/64', 2],
      ['192.0.2.7', 1],
    ]),
  );
});

test('a table that cannot be read counts nobody', () => {
  assert.deepEqual(countClients('', new Set([8081])), new Map());
});
