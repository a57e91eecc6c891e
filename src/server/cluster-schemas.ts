/** What /api/cluster gives. */
import { z } from 'zod';

const text = z.string();
const count = z.number();
const flag = z.boolean();

const node = z
  .object({
    id: text.describe('New with each start of the process'),
    name: text.describe('cluster.node'),
    isAsked: flag.describe('It is the one that answers'),
    label: text.describe('Where it stands; empty: anywhere'),
    protocol: count,
    isDraining: flag,
    addresses: z.object({ http: text, ws: text, rtmp: text }),
    room: z.object({
      cpu: count.describe('Free cores, in hundredths'),
      kbps: count.nullable().describe('What its network can still carry, in kbit/s; null: not known'),
      streams: count,
      viewers: count,
    }),
    owned: count.describe('Streams that it pulls from their sources'),
    edges: count.describe('Streams that it takes from other nodes'),
  })
  .meta({ id: 'ClusterNode' });
const clusterEdge = z
  .object({
    nodeId: text,
    node: text.describe('Its name; empty: it is not there any more'),
    depth: count.describe('Links from the owner to it'),
    epoch: count.describe('Of the claim that it follows'),
    delayMs: count
      .nullable()
      .describe('How much later than at the owner the stream is there (docs/cluster.md); null: not known'),
    viewers: count,
    get children() {
      return z.array(clusterEdge).describe('Those that take the stream from it');
    },
  })
  .meta({ id: 'ClusterEdge' });
const clusterStream = z
  .object({
    key: text.describe('The same on all nodes; it tells nothing of the source'),
    streamId: text.describe('Id of the stream, on whichever node it plays'),
    name: text.nullable().describe('Null: it goes by its address'),
    isWanted: flag.describe('Until somebody ends it; else it is pulled while somebody views it'),
    owner: z
      .object({
        nodeId: text,
        node: text.describe('Its name; empty: it is not there any more'),
        epoch: count.describe('Counts the owners of the stream; 0: unclaimed, since the registry was away'),
        isFenced: flag.nullable().describe('It could not renew its claim in time; null: its node knows'),
      })
      .nullable()
      .describe('Null: nobody pulls it now'),
    quarantine: z
      .object({
        code: z.literal('stream.quarantined'),
        deaths: count.describe('Nodes that ended while they had it, in the last ten minutes'),
        retryMs: count.describe('Until a node tries it again, at the earliest'),
      })
      .nullable()
      .describe('Null: nothing keeps nodes from pulling it'),
    edges: z.array(clusterEdge).describe('Those that take the stream from its owner, and from them on'),
  })
  .meta({ id: 'ClusterStream' });
export const cluster = z
  .object({
    nodeId: text.describe('Of the node that answers'),
    registry: z.object({ isReachable: flag, awayMs: count.nullable().describe('Null: it is there') }),
    nodes: z.array(node),
    streams: z.array(clusterStream),
  })
  .nullable()
  .meta({ id: 'Cluster', description: 'As the node that answers knows it; null: it is in none' });

export type Cluster = NonNullable<z.infer<typeof cluster>>;
export type ClusterEdge = z.infer<typeof clusterEdge>;
export type ClusterStream = z.infer<typeof clusterStream>;
