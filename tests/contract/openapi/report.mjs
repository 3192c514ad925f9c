// What was checked, and by name what was not.

export function print({ files, exchanges, uses, cloud, onServers, self }) {
  const rows = [...uses].sort(([a], [b]) => order(a).localeCompare(order(b))).map(([key, use]) => [
    key,
    String(use.exchanges.length),
    [...use.statuses].sort(([a], [b]) => String(a).localeCompare(String(b)))
      .map(([status, count]) => `${status}×${count}`).join(' '),
    [...use.how].filter(([how]) => !how.startsWith('schema')).map(([how]) => how.split(':')[0].split(' (')[0])
      .filter((one, at, all) => all.indexOf(one) === at).join(', '),
  ]);
  table([['operation', 'requests', 'answers', 'not by a schema of its own'], ...rows]);

  const ways = new Map();
  for (const use of uses.values()) {
    for (const [how, count] of use.how) ways.set(how, (ways.get(how) ?? 0) + count);
  }
  const total = exchanges.length;
  console.log(`\nopenapi: ${total} exchanges with ${files.length} simulated GitHubs, ${uses.size} operations, `
    + `against ${cloud.name} of ${cloud.root.info.version}`);
  console.log(`  requests: ${total} checked whole (headers, path, query, body), and again for ${onServers.join(', ')}`);
  console.log('  answers:');
  for (const [how, count] of [...ways].sort(([, a], [, b]) => b - a)) {
    console.log(`  ${String(count).padStart(7)}  ${how === 'schema' ? 'checked against the schema of their status' : how}`);
  }
  console.log('  what the descriptions leave open, by place:');
  if (cloud.notes.size === 0) console.log('    nothing');
  for (const [sentence, places] of cloud.notes) {
    console.log(`    ${sentence}: ${[...places].sort().join(', ')}`);
  }
  console.log(`  self check: ${self.tried} exchanges made wrong, ${self.refused} refused; `
    + `${self.free.size} places where anything is right: ${[...self.free].sort().join(', ') || 'none'}`);
}

// By path, then by method.
function order(key) {
  const [method, path] = key.split(' ');
  return `${path} ${method}`;
}

function table(rows) {
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)));
  for (const row of rows) {
    const cells = row.map((cell, at) => (at === 1 ? cell.padStart(widths[at]) : cell.padEnd(widths[at])));
    console.log(cells.join('  ').trimEnd());
  }
}
