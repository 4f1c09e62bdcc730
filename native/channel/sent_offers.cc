#include "channel/sent_offers.h"

#include <utility>

#include "channel/offer.h"
#include "ending/process_watch.h"
#include "javascript/inbox.h"

namespace mpi_futures {

void SentOffers::add(Outgoing& outgoing) {
  const uint32_t number = next_++;
  Offer offer = offerOf(outgoing.packet, outgoing.transfer->parts(), number);
  outgoing.packet = std::move(offer.packet);
  offers_.emplace(number, Offered{std::move(outgoing.transfer), std::move(offer.table)});
}

void SentOffers::keepUntilEndOf(int64_t pid) {
  if (offers_.empty()) return;
  const auto kept = std::make_shared<decltype(offers_)>(std::exchange(offers_, {}));
  ProcessWatch::instance().keep(pid, [kept] {
    kept->clear();
    Inbox::instance().flush();
  });
}

}  // namespace mpi_futures
