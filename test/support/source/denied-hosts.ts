/** How a viewer may try to name what the address guard denies. None of them may ever be dialled. */

const last = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const hex = (value: number, digits = 0): string => value.toString(16).padStart(digits, '0');

/** All the ways in which one IPv4 address can be written. */
function spellings(address: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const whole = last(address);
  const groups = [hex(a * 256 + b), hex(c * 256 + d)].join(':');
  return [
    address,
    `${address}.`,
    String(whole),
    `0x${hex(whole, 8)}`,
    `0X${hex(whole, 8).toUpperCase()}`,
    `0${whole.toString(8)}`,
    [a, b, c, d].map((part) => `0x${hex(part)}`).join('.'),
    [a, b, c, d].map((part) => `0${part.toString(8)}`).join('.'),
    `${a}.${b}.00${c}.00${d}`,
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${(b * 256 + c) * 256 + d}`,
    `0x${hex(a)}.${(b * 256 + c) * 256 + d}`,
    `${a + 256}.${b}.${c}.${d}`,
    [...address]
      .map((char) => (char === '.' ? char : String.fromCodePoint((char.codePointAt(0) ?? 0) + 0xfee0)))
      .join(''),
    address.replaceAll('.', '\u3002'),
    address.replaceAll('.', '%2e'),
    address.replace(/\d/, (digit) => `%3${digit}`),
    `[::ffff:${address}]`,
    `[::FFFF:${groups}]`,
    `[0:0:0:0:0:ffff:${groups}]`,
    `[::${address}]`,
    `[::ffff:0:${address}]`,
    `[64:ff9b::${address}]`,
    `[64:ff9b::${groups}]`,
    `[64:ff9b:1::${groups}]`,
    `[2002:${groups}::1]`,
    `[2001:0:${groups}::1]`,
    `[fe80::5efe:${address}]`,
  ];
}

const inner = ['127.0.0.1', '10.0.0.5', '169.254.169.254', '192.168.1.1', '172.16.0.1', '100.64.0.1', '0.0.0.0'];

const others = [
  ...['localhost', 'LOCALHOST', 'localhost.', 'LocalHost.', 'a.localhost', 'a.b.LOCALHOST.', 'lo\u0441alhost'],
  ...['127.1', '127.0.1', '127.255.255.254', '0', '0.0', '0x0', '00', '0x7f.1', '0177.1', '10.1', '192.168.257'],
  ...['224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255', '198.18.0.1', '192.0.0.1', '192.0.2.1', '203.0.113.1'],
  ...['100.127.255.255', '172.31.255.255', '192.88.99.1', '198.51.100.1'],
  ...[
    '[::]',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[0000:0000:0000:0000:0000:0000:0000:0001]',
    '[::1%25lo]',
    '[::1%lo]',
    '[::0001]',
  ],
  ...[
    '[fe80::1]',
    '[fe80::1%25eth0]',
    '[fe80::1%eth0]',
    '[febf::1]',
    '[fec0::1]',
    '[fc00::1]',
    '[fd12:3456::1]',
    '[FD00::1]',
  ],
  ...['[ff02::1]', '[ff0e::1]', '[100::1]', '[2001:db8::1]', '[2001:10::1]', '[2001:20::1]', '[3fff::1]', '[5f00::1]'],
  ...[
    '[::ffff:127.1]',
    '[::ffff:0x7f.0.0.1]',
    '[::ffff:127.0.0.01]',
    '[::127.0.0.1]',
    '[::7f00:1]',
    '::1',
    '[::1',
    '::1]',
  ],
];

/** Names and what they resolve to. */
export const deniedNames: ReadonlyMap<string, readonly string[]> = new Map([
  ['loop.example', ['127.0.0.1']],
  ['loop6.example', ['::1']],
  ['both.example', ['127.0.0.1', '::1']],
  ['lan.example', ['10.1.2.3', '192.168.0.9', '172.20.0.1']],
  ['metadata.example', ['169.254.169.254']],
  ['mapped.example', ['::ffff:10.0.0.1']],
  ['nat64.example', ['64:ff9b::7f00:1']],
  ['sixtofour.example', ['2002:7f00:1::']],
  ['teredo.example', ['2001:0:4136:e378:8000:63bf:3fff:fdd2']],
  ['link.example', ['fe80::1%eth0']],
  ['unique.example', ['fd00::1']],
  ['shared.example', ['100.64.0.1']],
  ['any.example', ['0.0.0.0', '::']],
  ['127.0.0.1.rebind.example', ['127.0.0.1']],
  ['xn--lcalhost-yof.example', ['127.0.0.1']],
]);

/** The rest of an address that hides its host. The host that counts is 127.0.0.1, or there is none. */
const tricks = [
  'rtmp://8.8.8.8@127.0.0.1/live/x',
  'rtmp://8.8.8.8:1935@127.0.0.1/live/x',
  'rtmp://8.8.8.8%40127.0.0.1@127.0.0.1/live/x',
  'rtmp://u:p@8.8.8.8@127.0.0.1/live/x',
  'rtmp://8.8.8.8#@127.0.0.1/live/x',
  'rtmp://8.8.8.8?@127.0.0.1/live/x',
  'rtmp://8.8.8.8\\@127.0.0.1/live/x',
  'rtmp://127.0.0.1\\@8.8.8.8\\/live/x',
  'rtmp://127.0.0.1#8.8.8.8/live/x',
  'rtmp://127.0.0.1%23@/live/x',
  'rtmp://127.0.0.1\t/live/x',
  'rtmp://127.0.0.1\n.example/live/x',
  'rtmp://127.0.0.1\u0000.example/live/x',
  'rtmp://\t127.0.0.1/live/x',
  'rtmp:// 127.0.0.1/live/x',
  'rtmp://127.0.0.1 /live/x',
  'rtmp:\\\\127.0.0.1\\live\\x',
  'rtmp:/127.0.0.1/live/x',
  'rtmp:127.0.0.1/live/x',
  'rtmp:///127.0.0.1/live/x',
  '//127.0.0.1/live/x',
  'http://127.0.0.1/live/x',
  'rtmpt://127.0.0.1/live/x',
  'rtmpe://127.0.0.1/live/x',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_x',
  'RTMP://127.0.0.1/live/x',
  'rtmp://127.0.0.1:1935/live/x',
  'rtmp://127.0.0.1:/live/x',
  'rtmp://127.0.0.1:01935/live/x',
  'rtmp://127.0.0.1:8081@/live/x',
  'rtmp://[127.0.0.1]/live/x',
  'rtmp://[::1]:1935:1935/live/x',
  'rtmp://[::ffff:127.0.0.1]@[::1]/live/x',
  'rtmp://127.0.0.1\u200b/live/x',
  'rtmp://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/live/x',
  'rtmp://\u2460\u2461\u2466.0.0.1/live/x',
  'rtmp://\u0661\u0662\u0667.0.0.1/live/x',
  'rtmp://127\uff0e0\uff0e0\uff0e1/live/x',
  'rtmp://127.0.0.1,8.8.8.8/live/x',
  'rtmp://127.0.0.1;8.8.8.8/live/x',
  'rtmp://[::1]]/live/x',
  'rtmp://localhost%2f@127.0.0.1/live/x',
  'rtmp://ⅼocalhost/live/x',
];

const hosts = [...inner.flatMap(spellings), ...others, ...deniedNames.keys()];

export const deniedUris: readonly string[] = [
  ...hosts.map((host) => `rtmp://${host}/live/x`),
  ...[...spellings('127.0.0.1'), ...deniedNames.keys()].map((host) => `rtmps://user:password@${host}:443/live/x`),
  ...tricks,
];
