/** The configuration in force, by its sections. */
import { html, type TemplateResult } from 'lit';

export function configurationView(configuration: object | null): TemplateResult {
  const section = ([name, values]: [string, unknown]): TemplateResult => html`<section aria-labelledby="c-${name}">
    <h2 id="c-${name}">${name}</h2>
    <dl class="facts-list">
      ${Object.entries(Object(values)).map(([key, value]) => html`<dt><code>${key}</code></dt><dd>${words(value)}</dd>`)}
    </dl>
  </section>`;
  return html`<h1>Configuration in force</h1>
    <p class="quiet">Secrets are masked. config/sluice.yaml says what each key means.</p>
    <div class="sections">${Object.entries(configuration ?? {}).map(section)}</div>`;
}

function words(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.map(words).join(', ');
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value === '' ? '(empty)' : String(value);
}
