#include "cmd/replay/feed_input.hpp"

#include <string>
#include <utility>

#include "cmd/home_folder.hpp"
#include "cmd/store_name.hpp"

namespace agentstore::cmd {
namespace {

Result<std::string> store_of_feed(Context& context) {
  if (!context.common.labels.empty())
    return fail(Code::invalid, "a feed is of every session of a store",
                "leave out --label and --project");
  const auto names = context.store_names();
  if (names.size() != 1 || names.front() == "all")
    return fail(Code::invalid, "a feed is of one store", "give --store once");
  return names.front();
}

}  // namespace

Result<FeedInput> open_feed(Context& context, Selector& selector, const ReplayCommand& options,
                            FeedCursor::Use use) {
  const auto name = store_of_feed(context);
  if (!name) return std::unexpected{name.error()};
  const auto store = selector.store();
  if (!store) return std::unexpected{store.error()};
  auto source = FeedSource::open(with_password(*name));
  if (!source) return std::unexpected{source.error()};
  auto cursor = options.cursor
                    ? FeedCursor::open(expand_home(*options.cursor), (*source)->identity(), use)
                    : FeedCursor{};
  if (!cursor) return std::unexpected{cursor.error()};
  return FeedInput{*store, std::move(*source), std::move(*cursor)};
}

}  // namespace agentstore::cmd
