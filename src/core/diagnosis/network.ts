/** What of the network cannot work for viewers, by what is found at the start. Pure; docs/operations.md lists the codes. */
import { isPrivateAddress } from './viewer-checks.js';

export interface NetworkFacts {
  /** Addresses that media ports are bound to, each with why that fails; empty: it does not. */
  readonly bound: readonly { readonly address: string; readonly failure: string }[];
  /** What viewers are given. */
  readonly offered: readonly string[];
  /** 0 and 0: any. */
  readonly portMin: number;
  readonly portMax: number;
  readonly maxStreams: number;
  /** From which the system takes ports for connections of its own (ip_local_port_range); null: not known. */
  readonly ephemeral: readonly [number, number] | null;
  /** Of each IPv4 address that asked the STUN server; null: no answer. Empty: none is configured. */
  readonly stun: readonly (StunFinding | null)[];
}

interface StunFinding {
  readonly local: { readonly address: string; readonly port: number };
  readonly mapped: { readonly address: string; readonly port: number };
}

export interface NetworkProblem {
  /** Stable. */
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly evidence: string;
  /** The way out. */
  readonly advice: string;
}

export function judgeNetwork(facts: NetworkFacts): readonly NetworkProblem[] {
  return [...judgeAddresses(facts), ...judgePorts(facts), ...judgeStun(facts)];
}

function judgeAddresses({ bound, offered }: NetworkFacts): readonly NetworkProblem[] {
  const failed = bound.filter(({ failure }) => failure !== '');
  const isLocal = offered.every((address) => /^127\.|^::1$/.test(address));
  const isPrivate = !isLocal && offered.every(isPrivateAddress);
  return [
    ...failed.map(({ address, failure }) =>
      problem(
        'NETWORK_ADDRESS_UNUSABLE',
        'error',
        `${address}: ${failure}`,
        'Let webrtc.listen name addresses of this machine, and webrtc.portMin to portMax, or singlePort, what is free there.',
      ),
    ),
    ...(isLocal
      ? [
          problem(
            'NETWORK_ONLY_LOOPBACK',
            'warning',
            offered.join(', '),
            'Only browsers on this machine can play: set webrtc.announce, or connect it to a network.',
          ),
        ]
      : []),
    ...(isPrivate
      ? [
          problem(
            'NETWORK_ONLY_PRIVATE',
            'info',
            offered.join(', '),
            'Viewers elsewhere need the public address: set webrtc.announce or webrtc.stunServer, and open the ports.',
          ),
        ]
      : []),
  ];
}

function judgePorts({ portMin, portMax, maxStreams, ephemeral }: NetworkFacts): readonly NetworkProblem[] {
  if (portMax === 0)
    return [
      problem('NETWORK_ANY_PORT', 'info', 'webrtc.portMin and portMax are 0', 'A firewall needs a range: set both.'),
    ];
  const count = portMax - portMin + 1;
  const [low, high] = ephemeral ?? [1, 0];
  const isShared = portMin <= high && portMax >= low;
  return [
    ...(count < maxStreams
      ? [
          problem(
            'NETWORK_FEW_PORTS',
            'warning',
            `${count} ports for pulls.max ${maxStreams}`,
            'Each stream that is watched takes one: widen webrtc.portMin to portMax.',
          ),
        ]
      : []),
    ...(isShared
      ? [
          problem(
            'NETWORK_PORTS_SHARED',
            'info',
            `${portMin} to ${portMax}, and the system takes ${low} to ${high} for connections`,
            'Ports may be taken now and then: choose a range outside, or reserve it (net.ipv4.ip_local_reserved_ports).',
          ),
        ]
      : []),
  ];
}

function judgeStun({ stun, offered }: NetworkFacts): readonly NetworkProblem[] {
  const answers = stun.filter((finding) => finding !== null);
  if (stun.length > 0 && answers.length === 0) {
    return [
      problem(
        'NETWORK_STUN_SILENT',
        'warning',
        'no answer',
        'UDP is blocked on the way out, or webrtc.stunServer is not there: viewers elsewhere will be served by TCP at best.',
      ),
    ];
  }
  const moved = answers.filter(({ local, mapped }) => local.port !== mapped.port);
  const unknown = answers.filter(({ mapped }) => !offered.includes(mapped.address));
  return [
    ...moved.map(({ local, mapped }) =>
      problem(
        'NETWORK_PORT_CHANGED',
        'error',
        `${local.address}:${local.port} is ${mapped.address}:${mapped.port} outside`,
        'This NAT gives ports other numbers: forward webrtc.portMin to portMax, or singlePort, to this machine with the same numbers, UDP and TCP.',
      ),
    ),
    ...unknown.map(({ mapped }) =>
      problem(
        'NETWORK_ANNOUNCE_WRONG',
        'warning',
        `outside it is ${mapped.address}, and viewers are given ${offered.join(', ')}`,
        'Let webrtc.announce name the public address.',
      ),
    ),
  ];
}

const problem = (
  code: string,
  severity: NetworkProblem['severity'],
  evidence: string,
  advice: string,
): NetworkProblem => ({ code, severity, evidence, advice });
