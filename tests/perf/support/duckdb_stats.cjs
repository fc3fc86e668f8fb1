// The sums of one log by DuckDB, with two threads and a schema told in advance, so that it parses
// no more than it needs. Prints the time of the query alone: loading the engine is not counted.
//   node duckdb_stats.cjs FOLDER-OF-THE-PACKAGE LOG
const { createRequire } = require('node:module');
const [folder, log] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(folder + '/')('@duckdb/node-api');

const query = `SELECT type, count(*) AS events, sum(metadata.tokens_in) AS tokens_in,
    sum(metadata.tokens_out) AS tokens_out, sum(metadata.cost_usd) AS cost_usd
  FROM read_ndjson('${log}', columns = {type: 'VARCHAR',
    metadata: 'STRUCT(tokens_in BIGINT, tokens_out BIGINT, cost_usd DOUBLE)'})
  GROUP BY type`;

(async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const start = process.hrtime.bigint();
  const rows = await (await connection.run(query)).getRowObjectsJson();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const events = rows.reduce((sum, row) => sum + Number(row.events), 0);
  const tokens_in = rows.reduce((sum, row) => sum + Number(row.tokens_in ?? 0), 0);
  console.log(JSON.stringify({ seconds, events, tokens_in }));
})();
