import { readFileSync } from 'node:fs';
import { credentials, paths, refused } from '../../unit/core/rtmp/url-cases.js';
import { fromText, named, type Seeds } from './seed.js';

const configurations: Readonly<Record<string, string>> = {
  'the manual': readFileSync('config/sluice.yaml', 'utf8'),
  empty: '',
  'a stream': 'streams:\n  - uri: rtmp://u:p@h/live/cam\n    localStreamName: cam\n',
  'an unknown key': 'server:\n  restprt: 8081\n',
  'a wrong type': 'server:\n  restPort: [1, 2]\n',
  'no mapping': '- 1\n- 2\n',
  'a key twice': 'server:\n  restPort: 1\n  restPort: 2\n',
  aliases: 'a: &a [1, 2]\nb: &b [*a, *a]\nc: &c [*b, *b]\nserver: *c\n',
  'a merge': 'server: &s\n  restPort: 1\nrtmp:\n  <<: *s\n',
  'a tag': 'server: !!js/function "x"\n',
  'keys of prototypes': '__proto__:\n  x: 1\nconstructor:\n  prototype: 1\n',
  'several documents': '---\nserver: {}\n---\nserver: {}\n',
  'text in blocks': 'server:\n  host: |\n    127.0.0.1\n  name: >-\n    a\n    b\n',
};

export const textSeeds: Seeds = {
  url: named([...paths, ...credentials, ...refused].map(([uri]) => [uri.slice(0, 50), fromText(uri)])),
  config: named(Object.entries(configurations).map(([what, text]) => [what, fromText(text)])),
};
