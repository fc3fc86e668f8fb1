// Doubles as text, as the Go library writes them.

#pragma once

#include <string>

namespace agentstore {

/// The shortest text that reads back as the same double, in plain digits where Go uses them.
std::string text_of_double(double value);

}  // namespace agentstore
