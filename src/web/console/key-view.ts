/** Who is not on this machine has to say a key, and is told how one is set. */
import { html, nothing, type TemplateResult } from 'lit';

export function keyView(wasWrong: boolean, onKey: (key: string) => void): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (event.currentTarget instanceof HTMLFormElement)
      onKey(String(new FormData(event.currentTarget).get('key')).trim());
  };
  return html`<section class="key">
    <h1>This console asks for an API key</h1>
    <p>On the machine of the server it opens without one.</p>
    ${wasWrong ? html`<p class="refusal" role="alert">The server does not accept this key.</p>` : nothing}
    <form @submit=${submit}>
      <label>API key <input name="key" type="password" required autocomplete="off" /></label>
      <button class="primary">Open</button>
    </form>
    <h2>How to set one</h2>
    <p>Start the server with a key of 16 characters at least, and keep it to yourself:</p>
    <pre>SLUICE_CONTROL_API_KEYS="$(openssl rand -hex 24)" npm start</pre>
    <p>Or list the addresses that may control without one: <code>control.allow</code> in config/sluice.yaml. Where
      <code>control.listen</code> names a port of its own, the console is there.</p>
  </section>`;
}
