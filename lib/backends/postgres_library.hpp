// libpq, which is loaded when a store in PostgreSQL is first opened: a program that opens none
// starts without it. What is used of its interface stands here, so that nothing of it is needed to
// build.

#pragma once

#include <cstddef>

#include "agentstore/result.hpp"

struct pg_conn;    ///< libpq's PGconn
struct pg_result;  ///< libpq's PGresult

namespace agentstore {

/// libpq's PQconninfoOption.
struct PostgresOption {
  char* keyword;
  char* environment;
  char* compiled;
  char* value;
  char* label;
  char* shown_as;
  int size;
};

/// libpq's functions, by their names without "PQ". Its ABI has been the same since version 5 of the
/// shared library, of 2006; pipelines came with PostgreSQL 14.
struct PostgresLibrary {
  pg_conn* (*connectdbParams)(const char* const* keywords, const char* const* values, int expand);
  void (*finish)(pg_conn*);
  int (*status)(const pg_conn*);
  int (*serverVersion)(const pg_conn*);
  const char* (*parameterStatus)(const pg_conn*, const char* name);
  char* (*errorMessage)(const pg_conn*);
  char* (*host)(const pg_conn*);
  char* (*port)(const pg_conn*);
  char* (*db)(const pg_conn*);
  int (*socket)(const pg_conn*);
  int (*sendQuery)(pg_conn*, const char* statements);
  int (*sendPrepare)(pg_conn*, const char* name, const char* statement, int types,
                     const unsigned* oids);
  int (*sendQueryPrepared)(pg_conn*, const char* name, int count, const char* const* values,
                           const int* lengths, const int* formats, int format);
  int (*isBusy)(pg_conn*);
  int (*consumeInput)(pg_conn*);
  pg_result* (*getResult)(pg_conn*);
  int (*enterPipelineMode)(pg_conn*);
  int (*exitPipelineMode)(pg_conn*);
  int (*pipelineSync)(pg_conn*);
  int (*resultStatus)(const pg_result*);
  char* (*resultErrorField)(const pg_result*, int field);
  int (*ntuples)(const pg_result*);
  char* (*getvalue)(const pg_result*, int row, int column);
  int (*getlength)(const pg_result*, int row, int column);
  int (*getisnull)(const pg_result*, int row, int column);
  void (*clear)(pg_result*);
  PostgresOption* (*conninfoParse)(const char* text, char** error);
  void (*conninfoFree)(PostgresOption*);
  void (*freemem)(void*);
  void (*setNoticeReceiver)(pg_conn*, void (*)(void*, const pg_result*), void*);

  // Its enumerations.
  static constexpr int connection_ok = 0;
  static constexpr int command_ok = 1;
  static constexpr int tuples_ok = 2;
  static constexpr int pipeline_sync = 10;
  static constexpr int pipeline_aborted = 11;
  static constexpr int state_field = 'C';
  static constexpr int message_field = 'M';
  static constexpr int detail_field = 'D';
  static constexpr int hint_field = 'H';
  static constexpr int function_field = 'R';

  /// The loaded library, for good. Thread-safe. Errors: unsupported (it is not installed, too old,
  /// or this program is linked so that it cannot load one).
  static Result<const PostgresLibrary*> load();
};

}  // namespace agentstore
