/** A document that is cited exists, with the section that is cited, and links between documents lead somewhere. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path/posix';
import { test } from 'node:test';
import { files, read } from './tree.js';

const documents: ReadonlyMap<string, string> = new Map(
  ['README.md', ...documentsBelow('.github'), 'test/README.md', 'test/fuzz/README.md'].map((path) => [
    path,
    readFileSync(path, 'utf8'),
  ]),
);

function documentsBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

/** In code: "ARCHITECTURE.md" lies in .github, "docs/media.md" in .github/docs. */
const placeOf = (cited: string): string =>
  cited === 'README.md' || cited.startsWith('test/') ? cited : join('.github', cited.replace(/^\.github\//, ''));

const headingsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.trim());

interface Citation {
  readonly file: string;
  readonly document: string;
  /** As it stands behind the name: "7", "S4", or words behind a comma; empty: none. */
  readonly section: string;
}

const citation =
  /(?<![\w/.-])((?:\.github\/)?(?:docs\/)?[\w-]+\.md)(?: ((?:[A-Z])?\d+(?:\.\d+)?)\b|, ([A-Z][^,.:;()*]*?)(?= and [A-Z]|[,.:;()*]|$))?/gm;

const citationsOf = (file: string, text: string): readonly Citation[] =>
  [...text.matchAll(citation)].map(([, document = '', number, words]) => ({
    file,
    document,
    section: number ?? words?.replaceAll(/\s+/g, ' ').trim() ?? '',
  }));

const code = files.filter((file) => /\.(ts|mjs|cjs|js|c|h|yaml)$/.test(file) && !file.startsWith('test/unit/layout/'));
const commentLines = /\n\s*(?:\*|\/\/|#) ?/g;
const citations = code.flatMap((file) => citationsOf(file, read(file).replaceAll(commentLines, ' ')));

test('a document that code cites exists', () => {
  assert.ok(citations.length > 50);
  const missing = citations.filter(({ document }) => !existsSync(placeOf(document)));
  assert.deepEqual(missing, []);
});

test('a section that code cites stands in its document', () => {
  const missing = citations.filter(({ document, section }) => {
    const text = documents.get(placeOf(document));
    if (text === undefined || section === '') return false;
    if (/^[A-Z]\d+$/.test(section)) return !new RegExp(`\\b${section}\\b`).test(text);
    if (/^\d/.test(section)) return !headingsOf(text).some((heading) => heading.startsWith(`${section}`));
    return !headingsOf(text).some((heading) => heading === section);
  });
  assert.deepEqual(missing, []);
});

/** GitHub's anchors: lower case, words joined by hyphens. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

test('links between documents lead somewhere', () => {
  const links = [...documents].flatMap(([path, text]) =>
    [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)]
      .map(([, link, attribute]) => ({ path, link: link ?? attribute ?? '' }))
      .filter(({ link }) => !/^(https?:|mailto:|\/)/.test(link)),
  );
  assert.ok(links.length > 30);
  const broken = links.filter(({ path, link }) => {
    const [target = '', anchor] = link.split('#');
    const place = target === '' ? path : normalize(join(dirname(path), target));
    if (!existsSync(place)) return true;
    const text = documents.get(place);
    return anchor !== undefined && text !== undefined && !headingsOf(text).map(anchorOf).includes(anchor);
  });
  assert.deepEqual(broken, []);
});

/** A path in the tree, or a name that some file has: `src/wire/wire.ts`, `rest-body.ts`. */
const namedFile = /`((?:[\w.-]+\/)*[\w-][\w.-]*\.(?:ts|mjs|cjs|c|h))`/g;

test('a file of code that a document names is there', () => {
  const named = [...documents]
    .filter(([path]) => !path.endsWith('CHANGES.md'))
    .flatMap(([path, text]) => [...text.matchAll(namedFile)].map(([, name = '']) => ({ path, name })));
  assert.ok(named.length > 30);
  const missing = named.filter(({ name }) => !files.some((file) => file === name || file.endsWith(`/${name}`)));
  assert.deepEqual(missing, []);
});

test('citations are found in each of their forms', () => {
  const text = 'MEDIA.md, docs/media.md 7 and docs/reliability.md S4, ARCHITECTURE.md, Ends and Logs; docs/wcs.md 3.8.';
  assert.deepEqual(
    citationsOf('', text).map(({ document, section }) => [basename(document), section]),
    [
      ['MEDIA.md', ''],
      ['media.md', '7'],
      ['reliability.md', 'S4'],
      ['ARCHITECTURE.md', 'Ends'],
      ['wcs.md', '3.8'],
    ],
  );
});
