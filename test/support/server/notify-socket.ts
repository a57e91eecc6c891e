/** The socket of a service manager (sd_notify(3)): by perl, which every Debian has, since Node has no datagrams over unix sockets. */
import type { TestContext } from 'node:test';
import { startChild } from './child.js';

const receiver = `
use Socket; $| = 1;
my $path = $ARGV[0]; $path =~ s/^@/\\0/;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die; bind($socket, pack_sockaddr_un($path)) or die "bind: $!";
print "listening\\n";
while (defined recv($socket, my $text, 4096, 0)) { $text =~ s/\\n/ /g; print "$text\\n"; }
`;

/** `line` resolves when this text has come, its lines joined by spaces. `path`: `@` begins an abstract name. */
export async function startNotifySocket(
  t: TestContext,
  path: string,
): Promise<{ line(text: string): Promise<string> }> {
  const child = await startChild('perl', ['-e', receiver, path]);
  t.after(() => child.stop('SIGKILL'));
  await child.line('the socket', (text) => text === 'listening');
  return { line: (wanted) => child.line(wanted, (text) => text === wanted) };
}
