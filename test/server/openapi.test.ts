/** /openapi.json is valid, and has every route of the server. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { validate } from '@readme/openapi-parser';
import type { Route } from '../../src/server/router.js';
import { apiDocument, apiDocumentPath } from '../support/api/api-document.js';
import { type ServerStage, startStage } from './stage.js';

let stage: ServerStage;
let routes: readonly Route[] = [];

before(async () => {
  stage = await startStage({
    wrapRoutes: (all) => {
      routes = all;
      return all;
    },
  });
});
after(() => stage.end());

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security: readonly unknown[] }>>>>;
}

const description = async (): Promise<Described> => JSON.parse((await stage.ask('/openapi.json')).body);

test('it is OpenAPI 3.1 by a validator that is not ours', async () => {
  const result = await validate(Object(await description()));
  assert.deepEqual(result.valid ? [] : result.errors, []);
});

test('every route is in it, with each of its methods, and says whether it asks for a key', async () => {
  const { paths } = await description();
  assert.ok(routes.length > 50);
  const missing = routes.flatMap(({ methods, path, access }) =>
    methods
      .filter((method) => method !== 'OPTIONS' && method !== 'HEAD')
      .filter((method) => {
        const isAt = (template: string): boolean => {
          const plain = template.replace(/\{\w+\}/g, '{id}');
          return path.endsWith('/*') ? plain.startsWith(path.slice(0, -1)) : plain === path;
        };
        const found = Object.entries(paths).filter(([template]) => isAt(template));
        const described = found
          .map(([, methodsAt]) => methodsAt[method.toLowerCase()])
          .filter((one) => one !== undefined);
        return (
          described.length === 0 ||
          (access === 'control' && path !== '/' && described.some(({ security }) => security.length === 0))
        );
      })
      .map((method) => `${method} ${path}`),
  );
  assert.deepEqual(missing, []);
});

test('docs/api.md is what npm run docs:api makes of it', () => {
  assert.equal(readFileSync(apiDocumentPath, 'utf8'), apiDocument());
});
