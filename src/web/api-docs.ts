/** The page of /openapi.json, to read and to try: Swagger UI, built in. Light or dark as the console is. */
import { currentTheme } from './theme.js';

declare const SwaggerUIBundle: (options: {
  readonly url: string;
  readonly dom_id: string;
  readonly deepLinking: boolean;
  readonly tryItOutEnabled: boolean;
  readonly persistAuthorization: boolean;
  readonly validatorUrl: null;
}) => unknown;

const dark = matchMedia('(prefers-color-scheme: dark)');
const show = (): void => {
  const theme = currentTheme();
  document.documentElement.classList.toggle('dark-mode', theme === 'system' ? dark.matches : theme === 'dark');
};
dark.addEventListener('change', show);
show();

SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  // Else the document would be sent to a server on the internet.
  validatorUrl: null,
});
