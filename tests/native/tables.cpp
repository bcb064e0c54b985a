// Compares the tables of pretokens with what was put into them: tokens are always there, and any other pretoken is as
// it was put in or not there at all. Nearly all are while there is room, and no more than there is room for.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <string>

#include "bpe/long_pretokens.hpp"
#include "require.hpp"

namespace {

using namespace ctxpack;
using namespace ctxpack::bpe;
using tests::require;

// What a table is asked for, whichever it is. A text is followed by what keys may read past it.
template <class Table>
struct Access;

template <std::size_t Width>
struct Access<PretokenTable<Width>> {
    static constexpr std::size_t kShortest = 1, kLongest = TextKey<Width>::kLongest;
    PretokenTable<Width> table{6, 10};  // grows from 64 slots to 1024, of which half are for pretokens

    static TextKey<Width> key(const std::string& text) {
        return text_key<Width>(reinterpret_cast<Bytes>(text.data()), text.size(),
                               reinterpret_cast<Bytes>(text.data() + text.size()));
    }
    Tokens find(const std::string& text) const { return table.find(key(text), hash_of(key(text))); }
    void add_token(const std::string& text, TokenId) { table.add_token(key(text), hash_of(key(text))); }
    bool has_ids = false;
    void want_ids(const std::map<std::string, std::vector<TokenId>>& tokens) {
        has_ids = true;
        table.want_ids();
        for (const auto& [text, ids] : tokens) table.set_id(key(text), hash_of(key(text)), ids[0]);
    }
    void add_pretoken(const std::string& text, std::span<const TokenId> ids) {
        table.add_pretoken(key(text), hash_of(key(text)), ids);
    }
};

template <>
struct Access<LongPretokens> {
    static constexpr std::size_t kShortest = 63, kLongest = LongPretokens::kLongest;
    LongPretokens table;
    static constexpr bool has_ids = true;
    static void want_ids(const std::map<std::string, std::vector<TokenId>>&) {}

    Tokens find(const std::string& text) const { return table.find(text, LongPretokens::hash(text)); }
    void add_token(const std::string& text, TokenId id) { table.add_token(text, id); }
    void add_pretoken(const std::string& text, std::span<const TokenId> ids) {
        table.add_pretoken(text, LongPretokens::hash(text), ids);
    }
};

template <class Table>
std::string drawn(std::mt19937& random) {
    constexpr std::size_t kSizes = Access<Table>::kLongest - Access<Table>::kShortest + 1;
    std::string text(Access<Table>::kShortest + random() % kSizes, ' ');
    for (char& byte : text) byte = static_cast<char>(random());
    return text;
}

template <class Table>
class Check {
public:
    explicit Check(std::size_t tokens) {
        while (tokens_.size() < tokens) {
            const std::string text = drawn<Table>(random_);
            if (!tokens_.try_emplace(text, 1, static_cast<TokenId>(random_())).second) continue;
            access_.add_token(text, tokens_[text][0]);
        }
    }

    void add_pretokens(std::size_t pretokens) {
        while (pretokens_.size() < pretokens) {
            const std::string text = drawn<Table>(random_);
            std::vector<TokenId> ids(2 + random_() % std::min<std::size_t>(text.size(), 60));
            std::generate(ids.begin(), ids.end(), std::ref(random_));
            if (tokens_.contains(text) || !pretokens_.emplace(text, ids).second) continue;
            require(access_.find(text).count == 0, "what was not put in is there");
            access_.add_pretoken(text, ids);
            require(same(access_.find(text), ids), "what was just put in is not there");
            if (pretokens_.size() % 100 == 0) kept();
        }
    }
    void want_ids() { access_.want_ids(tokens_); }

    // How many pretokens are there.
    std::size_t kept() const {
        for (const auto& [text, ids] : tokens_) require(same(access_.find(text), ids), "a token is not there");
        std::size_t kept = 0;
        for (const auto& [text, ids] : pretokens_) {
            const Tokens found = access_.find(text);
            require(found.count == 0 || same(found, ids), "a pretoken has other tokens");
            kept += found.count != 0;
        }
        return kept;
    }

private:
    bool same(const Tokens& found, const std::vector<TokenId>& ids) const {
        return found.count == ids.size() && (!access_.has_ids || std::equal(ids.begin(), ids.end(), found.ids));
    }

    std::mt19937 random_{20261126};
    Access<Table> access_;
    std::map<std::string, std::vector<TokenId>> tokens_, pretokens_;
};

// With room for `room` pretokens, once it has grown. Ids are wanted when `without_ids` pretokens are there.
template <class Table>
void check(std::size_t room, std::size_t without_ids) {
    Check<Table> check(20);
    check.add_pretokens(without_ids);
    check.want_ids();
    check.kept();
    check.add_pretokens(without_ids + room * 3 / 4);
    require(check.kept() * 10 > room * 3 / 4 * 9, "pretokens are forgotten too soon");
    check.add_pretokens(without_ids + room * 8);
    require(check.kept() <= room, "pretokens are not forgotten");
}

}  // namespace

int main() {
    for (const std::size_t without_ids : {0, 20, 300, 3000}) {
        check<PretokenTable<16>>(512, without_ids);
        check<PretokenTable<32>>(512, without_ids);
        check<PretokenTable<64>>(512, without_ids);
    }
    check<LongPretokens>((1 << 20) / 500, 0);
    std::puts("all is there");
}
