/** The text of --help, generated from the schema. */
import { configKeys } from './keys.js';

export function helpText(version: string): string {
  const flags = configKeys.map(({ path }) => `--${path}`);
  const width = Math.max(...flags.map(({ length }) => length));
  const keys = configKeys.map(({ allowed, defaultText }, n) => {
    const shown = defaultText === '' ? 'empty' : defaultText;
    return `  ${flags[n]?.padEnd(width)}  ${allowed} (${shown})`;
  });
  return `Sluice ${version}: pulls live RTMP streams on request and plays them in browsers by WebRTC.

Usage: sluice [flags]
       sluice pull ADDRESS [--open]   has the running server pull a stream, or starts one, and prints where it plays
       sluice status   shows the running server, its streams, and how many more viewers fit
       sluice drain    has the running server hand its streams over to the other nodes of its cluster, and end
       sluice check rtmp://HOST/APP/STREAM   checks what stands between this stream and its viewers; exits 1 if it does not play
       sluice check --control URL   tries to control the server at URL, as an outsider would; exits 1 if any attempt succeeds
       sluice token --stream NAME   makes a playback token, signed with playback.secrets; without --stream it shows its flags

  --config FILE     the configuration file; default: config/sluice.yaml
  --wcs-conf DIR    use the flashphoner.properties of an existing WCS in this folder
  --check-config    check the configuration, print the result, and exit
  --no-demo         start without the demo source; the same as --demo.enabled=false
  --no-parent       start without the small parent process that restarts the server after a crash
  --version, -v     print the versions of Sluice, FFmpeg and others, and exit
  --help, -h        print this and exit

Every key of the configuration is a flag too, and an environment variable: rtmp.connectTimeoutMs is
--rtmp.connectTimeoutMs=5000 or SLUICE_RTMP_CONNECT_TIMEOUT_MS=5000. A flag beats a variable, a variable beats the file.
Lists are comma separated. config/sluice.yaml describes each key. Defaults in brackets:

${keys.join('\n')}
`;
}
