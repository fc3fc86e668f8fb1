// The check of objects as metadata mostly is, in a fraction of the time that the general one takes.

#pragma once

namespace agentstore::json {

/// What is behind the object that begins at `at`, where it is made of plain strings, numbers
/// without an exponent, words and such objects, without white space, and so holds to
/// `rules_to_read`. Else null: `check_value` decides.
const char* skip_simple_object(const char* at, const char* end);

}  // namespace agentstore::json
