// Throws results away. The compiler has to warn of each line that is marked; with KEEP they are
// cast away, and nothing is wrong with any of it.

#include "agentstore/agentstore.hpp"

#ifdef KEEP
#define DROP(call) (void)(call)
#else
#define DROP(call) call
#endif

using namespace agentstore;

void discard(Store& store, EventReader& reader, Projection& projection, Submitter& submitter,
             const SigningKey& key, CommandHandler& handler, Part& part) {
  DROP(Store::open("data"));                                  // discarded
  DROP(store.create_session());                               // discarded
  DROP(store.session("s"));                                   // discarded
  DROP(store.change_session("s", {}));                        // discarded
  DROP(store.sessions());                                     // discarded
  DROP(store.append("s", Draft{.type = "custom"}));           // discarded
  DROP(store.append("s", std::span<const Draft>{}));          // discarded
  DROP(store.read("s"));                                      // discarded
  DROP(store.events("s"));                                    // discarded
  DROP(store.read_all());                                     // discarded
  DROP(store.state("s"));                                     // discarded
  DROP(store.fold("s", make_session_projection));             // discarded
  DROP(store.reduce("s", 0, [](int&, const EventView&) {}));  // discarded
  DROP(store.verify("s"));                                    // discarded
  DROP(store.repair("s"));                                    // discarded
  DROP(store.redact("s", 1, "why"));                          // discarded
  DROP(store.checkpoint("s", key));                           // discarded
  DROP(store.close());                                        // discarded
  DROP(reader.next());                                        // discarded
  DROP(reader.poll());                                        // discarded
  DROP(for_each_event(reader, [](const EventView&) {}));      // discarded
  DROP(projection.apply({}));                                 // discarded
  DROP(projection.from_json("{}"));                           // discarded
  DROP(handler.decide("Open", "{}"));                         // discarded
  DROP(submitter.submit("Open", "{}"));                       // discarded
  DROP(part.take({}));                                        // discarded
  DROP(open_checkpoint("", ""));                              // discarded
  DROP(parse_ledger("{}"));                                   // discarded
}
