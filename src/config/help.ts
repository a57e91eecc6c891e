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
       sluice pull ADDRESS [--open]   pulls a stream by the server that runs, or by a new one, and says where it plays
       sluice status   how the server that runs is, its streams, and how many more viewers fit
       sluice drain    the server that runs hands its streams over to the other nodes of its cluster, and ends
       sluice check rtmp://HOST/APP/STREAM   what stands between this stream and its viewers; 1 when it does not play
       sluice check --control URL   asks the server at URL for control, as an outsider would; 1 when it gives any
       sluice token --stream NAME   a token to play by, signed with playback.secrets; without --stream it says how

  --config FILE     the configuration file; default: config/sluice.yaml
  --wcs-conf DIR    take over flashphoner.properties of an existing WCS in this folder
  --check-config    check the configuration, print the result, and exit
  --no-demo         without the demo source; the same as --demo.enabled=false
  --no-parent       without the small parent process that starts the server again after a crash
  --version, -v     print the version, that of FFmpeg and others, and exit
  --help, -h        print this and exit

Every key of the configuration is a flag too, and an environment variable: rtmp.connectTimeoutMs is
--rtmp.connectTimeoutMs=5000 or SLUICE_RTMP_CONNECT_TIMEOUT_MS=5000. A flag beats a variable, a variable beats the file.
Lists are comma separated. config/sluice.yaml describes each key. Defaults in brackets:

${keys.join('\n')}
`;
}
