/** npm run docs:api: writes .github/docs/api.md again. */
import { writeFileSync } from 'node:fs';
import { apiDocument, apiDocumentPath } from './api-document.js';

writeFileSync(apiDocumentPath, apiDocument());
