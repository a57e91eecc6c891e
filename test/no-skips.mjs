// A reporter beside the readable one: a skipped or unfinished test makes the run fail, and is named.
export default async function* noSkips(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const left = data.skip !== undefined ? 'skipped' : data.todo !== undefined ? 'todo' : null;
    if (left === null) continue;
    process.exitCode = 1;
    yield `${left}: ${data.name}\n`;
  }
}
