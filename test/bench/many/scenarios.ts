/** The scenarios by their names, with their goals. */
import type { LoadOptions } from '../../support/load/load.js';
import { measureChurn } from './churn.js';
import { type CrowdGoals, measureCrowd } from './crowd.js';
import type { Finding } from './figure.js';
import { measureFirstViewers } from './first-viewers.js';
import { measureOneViewer } from './one-viewer.js';
import { measurePorts } from './ports.js';
import { measurePulls } from './pulls.js';
import { measureStorm } from './storm.js';

export interface ScenarioOptions {
  readonly load: LoadOptions;
  readonly churnSeconds: number;
}

type Scenario = (options: ScenarioOptions) => Promise<Finding>;

const joinsPerSecond = 20;
const spreadGoals: CrowdGoals = { delayP99Ms: 50, cores: 1.2 };

const crowd =
  (scenario: string, streams: number, each: number, goals: CrowdGoals): Scenario =>
  ({ load }) =>
    measureCrowd({ scenario, streams, each, joinsPerSecond, goals }, load);

const table: Readonly<Record<string, Scenario>> = {
  '20first': ({ load }) => measureFirstViewers('20first', load),
  '20x20': crowd('20x20', 20, 20, spreadGoals),
  '100x4': crowd('100x4', 100, 4, spreadGoals),
  '100pulls': () => measurePulls({ scenario: '100pulls', count: 100, upGoalMs: 8000 }),
  '200idle': () => measurePulls({ scenario: '200idle', count: 200, upGoalMs: null }),
  '1x1000': crowd('1x1000', 1, 1000, {}),
  storm: ({ load }) => measureStorm('storm', load),
  ports: ({ load }) => measurePorts({ scenario: 'ports', streams: 1, each: 100 }, load),
  one: ({ load }) => measureOneViewer('one', load),
  churn: ({ load, churnSeconds }) => measureChurn('churn', load, churnSeconds),
};

/** Those that run where none is named. */
export const scenarioNames: readonly string[] = Object.keys(table);

/** Beside those of the table "10x5": 10 streams with 5 viewers each. Undefined: there is no such scenario. */
export function scenarioOf(name: string): Scenario | undefined {
  const [, streams, each] = /^([1-9]\d*)x([1-9]\d*)$/.exec(name) ?? [];
  if (streams === undefined || each === undefined) return table[name];
  return table[name] ?? crowd(name, Number(streams), Number(each), {});
}
