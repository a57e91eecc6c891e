/** The configuration file: YAML, with the line number of each value. */
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { readThrown } from '../errors.js';
import { isRecord, type Layered } from './layer.js';

interface FileSettings extends Layered {
  readonly errors: readonly string[];
}

/** `name`: of the file, for error texts. */
export function parseFile(text: string, name: string): FileSettings {
  const lineCounter = new LineCounter();
  // Pretty errors would quote the file, with its secrets.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true });
  const lineAt = (offset: number): string => `${name}, line ${lineCounter.linePos(offset).line}`;
  const errors = document.errors.map(({ message, pos }) => `${lineAt(pos[0])}: ${message}`);
  const origin = (path: readonly PropertyKey[]): string => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lineAt(node.range[0]);
    }
    return name;
  };
  if (errors.length > 0) return { values: {}, origin, errors };
  try {
    return { values: sectionsOf(document.toJS({ maxAliasCount: 100 })), origin, errors };
  } catch (error) {
    // An alias without an anchor, or too many aliases, is an error only here.
    return { values: {}, origin, errors: [`${name}: ${readThrown(error).message}`] };
  }
}

/** A section whose keys are all commented out is parsed as null; it means an empty section. */
function sectionsOf(values: unknown): unknown {
  if (values === null || values === undefined) return {};
  if (!isRecord(values)) return values;
  return Object.fromEntries(Object.entries(values).filter(([, section]) => section !== null));
}

/** A missing file is an error only if it was named by --config. */
export function readFile(path: string, isAskedFor: boolean): FileSettings {
  try {
    return parseFile(readFileSync(path, 'utf8'), path);
  } catch (error) {
    const { code, message } = readThrown(error);
    const isMissing = code === 'ENOENT';
    const errors =
      isMissing && !isAskedFor
        ? []
        : [`${path} cannot be read: ${isMissing ? 'there is no such file' : code || message}`];
    return { values: {}, origin: () => 'default', errors };
  }
}
