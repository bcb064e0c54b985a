#include "sentencepiece/growing_tail.hpp"

namespace ctxpack::sentencepiece {

std::size_t GrowingTail::count(std::string_view tail, std::size_t settled) {
    const std::size_t joint = tokenizer_->seams().previous_joint(tail, settled, jointless_);
    if (joint > jointless_) {
        const std::string_view more = normalized(tail.substr(joint_, joint - joint_), false);
        word_->append(more);
        is_first_ &= more.empty();
        joint_ = joint;
    }
    jointless_ = settled;
    return word_->count_with(normalized(tail.substr(joint_), true));
}

std::string_view GrowingTail::normalized(std::string_view text, bool is_last) {
    tokenizer_->normalizer().normalize(text, {is_first_, is_last}, buffer_);
    return {reinterpret_cast<const char*>(buffer_.data()) + kPadding, buffer_.size() - 2 * kPadding};
}

}  // namespace ctxpack::sentencepiece
