/** Where one node asks another, by HTTP: a POST with the mark of the call (keys.ts, `callMark`). */
export const nodeCall = { path: '/cluster/call', markHeader: 'sluice-mark' } as const;
