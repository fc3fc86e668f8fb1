#include "backends/postgres_library.hpp"

#include <dlfcn.h>
#include <sys/auxv.h>

#include <string>

namespace agentstore {
namespace {

constexpr const char* library_name = "libpq.so.5";

Result<PostgresLibrary> load_library() {
  // A program with the C library inside has no loader: what dlopen would bring in is a second one.
  if (::getauxval(AT_BASE) == 0)
    return fail(
        Code::unsupported,
        "this program is linked statically, and so cannot load libpq, by which it would reach "
        "PostgreSQL",
        "use the Debian package, or a build of your own (`./bootstrap demo`)");
  void* const library = ::dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return fail(
        Code::unsupported,
        std::string{"libpq, by which PostgreSQL is reached, cannot be loaded: "} + ::dlerror(),
        "install it (on Debian: apt-get install libpq5)");
  PostgresLibrary loaded{};
  const char* missing = nullptr;
  const auto find = [&]<class Function>(const char* name, Function*& into) {
    into = reinterpret_cast<Function*>(::dlsym(library, name));
    if (into == nullptr) missing = name;
  };
  find("PQconnectdbParams", loaded.connectdbParams);
  find("PQfinish", loaded.finish);
  find("PQstatus", loaded.status);
  find("PQserverVersion", loaded.serverVersion);
  find("PQparameterStatus", loaded.parameterStatus);
  find("PQerrorMessage", loaded.errorMessage);
  find("PQhost", loaded.host);
  find("PQport", loaded.port);
  find("PQdb", loaded.db);
  find("PQsocket", loaded.socket);
  find("PQsendQuery", loaded.sendQuery);
  find("PQsendPrepare", loaded.sendPrepare);
  find("PQsendQueryPrepared", loaded.sendQueryPrepared);
  find("PQisBusy", loaded.isBusy);
  find("PQconsumeInput", loaded.consumeInput);
  find("PQgetResult", loaded.getResult);
  find("PQenterPipelineMode", loaded.enterPipelineMode);
  find("PQexitPipelineMode", loaded.exitPipelineMode);
  find("PQpipelineSync", loaded.pipelineSync);
  find("PQresultStatus", loaded.resultStatus);
  find("PQresultErrorField", loaded.resultErrorField);
  find("PQntuples", loaded.ntuples);
  find("PQgetvalue", loaded.getvalue);
  find("PQgetlength", loaded.getlength);
  find("PQgetisnull", loaded.getisnull);
  find("PQclear", loaded.clear);
  find("PQconninfoParse", loaded.conninfoParse);
  find("PQconninfoFree", loaded.conninfoFree);
  find("PQfreemem", loaded.freemem);
  find("PQsetNoticeReceiver", loaded.setNoticeReceiver);
  if (missing != nullptr)
    return fail(Code::unsupported, std::string{"the libpq of this machine has no "} + missing,
                "install one of PostgreSQL 14 or newer");
  return loaded;
}

}  // namespace

Result<const PostgresLibrary*> PostgresLibrary::load() {
  static const Result<PostgresLibrary> loaded = load_library();
  if (!loaded) return std::unexpected(loaded.error());
  return &*loaded;
}

}  // namespace agentstore
