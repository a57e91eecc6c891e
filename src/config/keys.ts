/** The keys of the configuration as a list, derived from the schema; for variables, flags, --help and error texts. */
import { z } from 'zod';
import { settingsSchema } from './schema.js';

type SchemaNode = z.core.JSONSchema.BaseSchema;

export interface ConfigKey {
  /** "rtmp.connectTimeoutMs". */
  readonly path: string;
  readonly section: string;
  readonly name: string;
  /** "SLUICE_RTMP_CONNECT_TIMEOUT_MS". */
  readonly variable: string;
  readonly kind: 'number' | 'boolean' | 'list' | 'numbers' | 'text';
  /** In the form of a flag; a list is comma separated. */
  readonly defaultText: string;
  /** "a whole number from 1 to 86400000". */
  readonly allowed: string;
}

const root: SchemaNode = z.toJSONSchema(settingsSchema, { io: 'input' });

/** Every key except the list `streams`, which only the file can have. */
export const configKeys: readonly ConfigKey[] = Object.entries(propertiesOf(root)).flatMap(([section, node]) =>
  Object.entries(propertiesOf(node)).map(([name, leaf]) => ({
    path: `${section}.${name}`,
    section,
    name,
    variable: variableOf(section, name),
    kind: kindOf(leaf),
    defaultText: Array.isArray(leaf.default) ? leaf.default.join(',') : String(leaf.default),
    allowed: allowedBy(leaf),
  })),
);

/** The values allowed at a path (array indices are numbers), as text; null where the schema has no such path. */
export function allowedAt(path: readonly PropertyKey[]): string | null {
  const node = nodeAt(path);
  return node === undefined ? null : allowedBy(node);
}

/** The keys that the schema has below a path. */
export function namesAt(path: readonly PropertyKey[]): readonly string[] {
  return Object.keys(propertiesOf(nodeAt(path) ?? {}));
}

function nodeAt(path: readonly PropertyKey[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const step of path) {
    if (node === undefined) return undefined;
    node = typeof step === 'number' ? itemsOf(node) : propertiesOf(node)[String(step)];
  }
  return node;
}

function propertiesOf({ properties = {} }: SchemaNode): Record<string, SchemaNode> {
  return Object.fromEntries(Object.entries(properties).flatMap(([name, node]) => (isNode(node) ? [[name, node]] : [])));
}

function itemsOf({ items }: SchemaNode): SchemaNode | undefined {
  return isNode(items) ? items : undefined;
}

function isNode(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null;
}

function variableOf(section: string, name: string): string {
  return `SLUICE_${section}_${name.replace(/([a-z0-9])([A-Z])/g, '$1_$2')}`.toUpperCase();
}

function kindOf(node: SchemaNode): ConfigKey['kind'] {
  const { type } = node;
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'boolean') return 'boolean';
  if (type === 'array') return itemsOf(node)?.type === 'integer' ? 'numbers' : 'list';
  return 'text';
}

function numberOf(step: number): string {
  if (step === 1) return 'a whole number';
  return step === 2 ? 'an even whole number' : `a multiple of ${step}`;
}

function allowedBy(node: SchemaNode): string {
  if (node.enum !== undefined) return `one of ${node.enum.join(', ')}`;
  switch (node.type) {
    case 'integer':
      return `${numberOf(node.multipleOf ?? 1)} from ${node.minimum} to ${node.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'array': {
      const items = itemsOf(node);
      return items === undefined ? 'a list' : `a list, each item ${allowedBy(items)}`;
    }
    case 'object':
      return `keys: ${Object.keys(propertiesOf(node)).join(', ')}`;
    default:
      return (node.minLength ?? 0) > 1
        ? `text of at least ${node.minLength} characters`
        : node.minLength === 1
          ? 'text that is not empty'
          : 'text';
  }
}
