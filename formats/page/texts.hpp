// The files of this folder that a page is made of, compiled in: see CMakeLists.txt.

#pragma once

#include <string_view>

namespace agentstore::formats {

struct PageText {
  std::string_view name;
  std::string_view text;
};

extern const PageText page_texts[7];

}  // namespace agentstore::formats
