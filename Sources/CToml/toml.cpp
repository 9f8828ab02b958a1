// CToml.h over toml++ (Debian's libtomlplusplus-dev).
//
// Its 3.3 asserts what some mistakes in a document break, and assumes it in a release: here that is
// an error like any other.
#undef NDEBUG
#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <string>

#define TOML_ASSERT(holds) (static_cast<bool>(holds) ? void() : throw std::logic_error("mistake"))
#include <toml++/toml.h>

#include "CToml.h"

namespace {

struct Visitor {
  ctoml_visit visit;
  void *context;

  void tell(const std::string &path, const toml::node &node, int line) const {
    if (const auto *table = node.as_table()) {
      for (const auto &[key, value] : *table) {
        const std::string name = path.empty() ? std::string(key.str())
                                              : path + '\x1f' + std::string(key.str());
        tell(name, value, static_cast<int>(key.source().begin.line));
      }
    } else if (const auto *array = node.as_array()) {
      for (const auto &value : *array) tell(path, value, line);
    } else if (const auto *string = node.as_string()) {
      visit(context, path.c_str(), CTOML_STRING, string->get().c_str(), line);
    } else {
      std::ostringstream text;
      text << toml::node_view<const toml::node>(node);
      const ctoml_kind kind = node.is_integer()          ? CTOML_INTEGER
                              : node.is_floating_point() ? CTOML_FLOAT
                              : node.is_boolean()        ? CTOML_BOOLEAN
                                                         : CTOML_OTHER;
      visit(context, path.c_str(), kind, text.str().c_str(), line);
    }
  }
};

}  // namespace

int ctoml_read(const char *text, size_t length, ctoml_visit visit, void *context, char *error,
               size_t error_size) {
  try {
    const toml::table table = toml::parse(std::string_view(text, length));
    Visitor{visit, context}.tell("", table, 0);
    return 0;
  } catch (const toml::parse_error &mistake) {
    const std::string why(mistake.description());
    std::snprintf(error, error_size, "%s", why.c_str());
    const int line = static_cast<int>(mistake.source().begin.line);
    return line > 0 ? line : 1;
  } catch (const std::exception &) {
    std::snprintf(error, error_size, "this is no TOML");
    return -1;
  }
}
