// The selector's lists: the sessions of every place that was chosen.

#include <algorithm>
#include <map>
#include <set>

#include "agentstore/internal/nearest.hpp"
#include "cmd/input/file_input.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/store_input.hpp"
#include "cmd/words/labels.hpp"

namespace agentstore::cmd {
namespace {

constexpr const char* parent_label = "parent_session";

/// The name of the place that it is in; empty: the only one.
std::string place_of(const Input& input) {
  return input.store_name().empty() ? input.folder() : input.store_name();
}

}  // namespace

Result<Inputs> Selector::all() {
  return selected(list(
      {.fresh_counts = false, .on_unreadable = [this](const std::string& id, const Error& why) {
         context_.on_unreadable()(id, why);
         unreadable_.push_back("session " + id + ": " + why.message);
       }}));
}

Result<Inputs> Selector::each_once() {
  auto inputs = all();
  if (!inputs) return inputs;
  std::erase_if(*inputs, [](const auto& one) { return is_superseded(one->session()); });
  count_once(*inputs);
  return inputs;
}

Result<Inputs> Selector::several() {
  auto inputs = each_once();
  if (inputs && inputs->empty())
    return fail(Code::not_found, "there is no such session",
                "`agentstore sessions` shows what there is");
  return inputs;
}

Result<Inputs> Selector::selected(Result<Inputs> all) {
  if (!all || context_.common.labels.empty()) return all;
  const auto labels = parse_labels(context_.common.labels);
  if (!labels) return std::unexpected{labels.error()};
  const auto has_all = [&](const auto& one) {
    return std::ranges::includes(one->session().labels, *labels);
  };
  if (std::ranges::none_of(*all, has_all)) tell_unknown(*labels, *all);
  std::erase_if(*all, [&](const auto& one) { return !has_all(one); });
  return all;
}

/// Labels that no session has: of a key that none has the key, else the value.
void Selector::tell_unknown(const Labels& asked, const Inputs& all) {
  if (std::exchange(labels_told_, true)) return;
  for (const auto& [key, value] : asked) {
    std::vector<std::string> keys;
    std::vector<std::string> values;
    for (const auto& one : all)
      for (const auto& [has, what] : one->session().labels) {
        keys.push_back(has);
        if (has == key) values.push_back(has + "=" + what);
      }
    const std::string whole = key + "=" + value;
    if (std::ranges::find(values, whole) != values.end()) continue;
    const std::string& word = values.empty() ? key : whole;
    const std::string near = nearest(word, values.empty() ? keys : values);
    context_.note("no session has the label " + in_quotes(word) +
                  (near.empty() || near == word ? "" : "; did you mean " + in_quotes(near) + "?"));
  }
}

Result<Inputs> Selector::known() {
  // What cannot be listed is looked at all the same, and found out then.
  auto listed = list({.fresh_counts = false, .on_unreadable = [](const auto&, const auto&) {}});
  const auto places = places_.chosen();
  if (!places) return std::unexpected{places.error()};
  if (std::ranges::none_of(*places, [](Place* one) { return one->store.has_value(); }))
    return selected(std::move(listed));
  Inputs known;
  if (listed) known = std::move(*listed);
  for (Place* const place : *places)
    if (auto added = place->store ? add_unlisted(*place, known) : Result<void>{}; !added)
      return std::unexpected{added.error()};
  return selected(std::move(known));
}

Result<void> Selector::add_unlisted(Place& place, Inputs& known) {
  const auto ids = place.store->known_ids();
  if (!ids) return std::unexpected{ids.error()};
  const auto places = places_.chosen();
  const std::string folder = places && places->size() > 1 ? place.name : std::string{};
  std::set<std::string> names;
  for (const auto& one : known)
    if (one->store_name() == folder) names.insert(one->session().id);
  for (const std::string& id : *ids) {
    if (names.contains(id)) continue;
    Session session;
    session.id = id;
    known.push_back(std::make_unique<StoreInput>(*place.store, std::move(session), folder));
    known.back()->is_in(folder);
  }
  return {};
}

Result<Inputs> Selector::children(const Input& parent) {
  const std::string& parent_id = parent.session().id;
  const ListOptions options{.labels = {{parent_label, parent_id}}, .fresh_counts = false};
  auto found = list_beside(parent, options);
  if (!found) return found;
  std::erase_if(*found, [&](const auto& one) {
    return !std::ranges::includes(one->session().labels, options.labels) ||
           one->session().id == parent_id;
  });
  return found;
}

Result<Inputs> Selector::children_of_all(const Inputs& parents) {
  std::map<std::string, std::string> places;
  for (const auto& one : parents) places.emplace(one->session().id, place_of(*one));
  // What cannot be listed was said when the parents were.
  auto found = list({.fresh_counts = false, .on_unreadable = [](const auto&, const auto&) {}});
  if (!found) return found;
  std::erase_if(*found, [&](const auto& one) {
    const Session& session = one->session();
    const auto label = session.labels.find(parent_label);
    if (label == session.labels.end() || label->second == session.id) return true;
    const auto parent = places.find(label->second);
    return parent == places.end() || parent->second != place_of(*one) || is_superseded(session);
  });
  return found;
}

Result<Inputs> Selector::list_beside(const Input& input, const ListOptions& options) {
  const std::string name = place_of(input);
  if (name.empty()) return list(options);
  const auto place = places_.of_folder(name);
  if (!place) return std::unexpected{place.error()};
  return list_place(**place, options);
}

template <class ListOne>
Result<Inputs> Selector::list_all(bool by_last_event, ListOne list_one) {
  const auto places = places_.chosen();
  if (!places) return std::unexpected{places.error()};
  if (places->size() == 1) return list_one(*places->front());
  Inputs all;
  for (Place* const place : *places) {
    auto listed = list_one(*place);
    if (!listed) return listed;
    for (auto& one : *listed) {
      one->is_in(place->name);
      all.push_back(std::move(one));
    }
  }
  std::ranges::stable_sort(all, std::ranges::greater{}, [&](const auto& one) {
    return by_last_event ? one->session().updated_at : one->session().created_at;
  });
  return all;
}

Result<Inputs> Selector::page(const ListOptions& options) {
  const auto places = places_.chosen();
  if (!places) return std::unexpected{places.error()};
  if (places->size() == 1 && !places->front()->transcripts) return list(options);
  ListOptions whole = options;
  whole.limit.reset();
  whole.offset = 0;
  auto all = list_all(false, [&](Place& place) {
    return place.transcripts ? page_of_folder(*place.transcripts) : list_place(place, whole);
  });
  if (!all) return all;
  std::erase_if(*all, [&](const auto& one) {
    return !std::ranges::includes(one->session().labels, options.labels);
  });
  const auto skipped = std::min<std::uint64_t>(options.offset, all->size());
  all->erase(all->begin(), all->begin() + static_cast<std::ptrdiff_t>(skipped));
  if (options.limit && *options.limit < all->size()) all->resize(*options.limit);
  return all;
}

Result<Inputs> Selector::page_of_folder(const TranscriptFolder& folder) {
  auto listed = list_transcripts(folder, {.counted = true, .sum = sum_ ? &sum_ : nullptr},
                                 context_.known_files(),
                                 [&](const std::string& text) { context_.note(text); });
  if (!listed) return std::unexpected{listed.error()};
  note_unreadable(listed->unreadable);
  Inputs page;
  for (TranscriptSession& file : listed->sessions) page.push_back(input_of(std::move(file)));
  return page;
}

Result<Inputs> Selector::list(const ListOptions& options) {
  return list_all(options.by_last_event, [&](Place& place) { return list_place(place, options); });
}

Result<Inputs> Selector::list_place(Place& place, const ListOptions& options) {
  if (place.transcripts) return list_folder(*place.transcripts);
  const auto opened = places_.store_of(place);
  if (!opened) return std::unexpected{opened.error()};
  auto sessions = (*opened)->sessions(options);
  if (!sessions) return std::unexpected{sessions.error()};
  const auto chosen = places_.chosen();
  const bool is_other = !chosen || chosen->size() > 1 || chosen->front() != &place;
  Inputs inputs;
  for (Session& session : *sessions)
    inputs.push_back(std::make_unique<StoreInput>(**opened, std::move(session),
                                                  is_other ? place.name : std::string{}));
  return inputs;
}

Result<Inputs> Selector::list_folder(const TranscriptFolder& folder) {
  auto listed = list_transcripts(folder, {.sum = sum_ ? &sum_ : nullptr, .raw = raw_},
                                 context_.known_files(), [&](const std::string& text) {
                                   if (std::ranges::find(links_told_, text) == links_told_.end())
                                     context_.note(links_told_.emplace_back(text));
                                 });
  if (!listed) return std::unexpected{listed.error()};
  note_unreadable(listed->unreadable);
  Inputs inputs;
  for (TranscriptSession& file : listed->sessions) {
    for (std::size_t i = 0; i < file.paths.size(); ++i)
      files_.found_transcript(file.paths[i], *file.sources[i]);
    inputs.push_back(input_of(std::move(file)));
  }
  return inputs;
}

std::unique_ptr<Input> Selector::input_of(TranscriptSession file) {
  return std::make_unique<FileInput>(context_, files_, std::move(file.paths),
                                     std::move(file.session), std::move(file.title),
                                     file.whole_file, std::move(file.sums));
}

void Selector::note_unreadable(const std::vector<Error>& errors) {
  for (const Error& error : errors) {
    if (std::ranges::find(unreadable_, error.message) != unreadable_.end()) continue;
    context_.answer_lacks(error.message);
    unreadable_.push_back(error.message);
  }
}

}  // namespace agentstore::cmd
