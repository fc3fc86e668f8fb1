// One query by DuckDB, with two threads. Prints the time of the query alone: loading the engine is
// not counted.
//   node duckdb_query.cjs FOLDER-OF-THE-PACKAGE QUERY
const { createRequire } = require('node:module');
const [folder, query] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(folder + '/')('@duckdb/node-api');

(async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const start = process.hrtime.bigint();
  const rows = await (await connection.run(query)).getRowObjectsJson();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  console.log(JSON.stringify({ seconds, rows: rows.length }));
})();
