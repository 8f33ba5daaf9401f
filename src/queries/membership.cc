// Owns: the reads of membership.
#include "dao/membership/membership.h"

#include "dao/power/power.h"
#include "queries/paging.h"
#include "queries/queries.h"

namespace salus::queries {

using state::Key;
using state::Table;

namespace {

v1::ChamberInfo info_of(const View& view, v1::Chamber chamber) {
  v1::ChamberInfo info;
  const auto total = dao::power::total_now(view.state(), chamber.id());
  info.set_members(total.members);
  info.set_weight(total.units);
  *info.mutable_chamber() = std::move(chamber);
  return info;
}

}  // namespace

Answer<v1::GetMemberResponse> answer(const View& view, const v1::GetMemberRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());
  auto member = dao::membership::find_member(view.state(), *id);
  if (!member) return std::unexpected(refusal(dao::Error::NotMember, grpc::StatusCode::NOT_FOUND));

  v1::GetMemberResponse response;
  response.set_height(view.height());
  *response.mutable_member() = std::move(*member);
  return response;
}

Answer<v1::ListMembersResponse> answer(const View& view, const v1::ListMembersRequest& request) {
  v1::ListMembersResponse response;
  response.set_height(view.height());
  auto next = walk<v1::Member>(
      view.state(), Key{Table::Members}, request.page_token(), page_size(request.page_size()),
      [&](const v1::Member& member) {
        if (request.state() != v1::MEMBER_STATE_UNSPECIFIED && member.state() != request.state()) {
          return false;
        }
        if (request.chamber() != 0 && member.chamber() != request.chamber()) return false;
        *response.add_members() = member;
        return true;
      });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::GetApplicationResponse> answer(const View& view,
                                          const v1::GetApplicationRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());
  auto application = dao::membership::find_application(view.state(), *id);
  if (!application) {
    return std::unexpected(refusal(dao::Error::ApplicationUnknown, grpc::StatusCode::NOT_FOUND));
  }

  v1::GetApplicationResponse response;
  response.set_height(view.height());
  *response.mutable_application() = std::move(*application);
  return response;
}

Answer<v1::ListApplicationsResponse> answer(const View& view,
                                            const v1::ListApplicationsRequest& request) {
  v1::ListApplicationsResponse response;
  response.set_height(view.height());
  auto next = walk<v1::Application>(view.state(), Key{Table::Applications}, request.page_token(),
                                    page_size(request.page_size()),
                                    [&](const v1::Application& application) {
                                      *response.add_applications() = application;
                                      return true;
                                    });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::GetChamberResponse> answer(const View& view, const v1::GetChamberRequest& request) {
  auto chamber = dao::membership::find_chamber(view.state(), request.chamber());
  if (!chamber) {
    return std::unexpected(refusal(dao::Error::ChamberUnknown, grpc::StatusCode::NOT_FOUND));
  }

  v1::GetChamberResponse response;
  response.set_height(view.height());
  *response.mutable_chamber() = info_of(view, std::move(*chamber));
  return response;
}

Answer<v1::ListChambersResponse> answer(const View& view, const v1::ListChambersRequest&) {
  v1::ListChambersResponse response;
  response.set_height(view.height());
  for (v1::Chamber& chamber : dao::membership::chambers(view.state())) {
    *response.add_chambers() = info_of(view, std::move(chamber));
  }
  return response;
}

Answer<v1::ListOfficesResponse> answer(const View& view, const v1::ListOfficesRequest& request) {
  Key prefix{Table::Offices};
  if (!request.account().empty()) {
    const auto id = id_of<AccountId>(request.account(), "account");
    if (!id) return std::unexpected(id.error());
    prefix.bytes(id->view());
  }

  v1::ListOfficesResponse response;
  response.set_height(view.height());
  auto next = walk<v1::Office>(view.state(), prefix, request.page_token(),
                               page_size(request.page_size()), [&](const v1::Office& office) {
                                 *response.add_offices() = office;
                                 return true;
                               });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::GetCredentialResponse> answer(const View& view,
                                         const v1::GetCredentialRequest& request) {
  auto credential = dao::membership::find_credential(view.state(), request.credential());
  if (!credential) {
    return std::unexpected(refusal(dao::Error::CredentialUnknown, grpc::StatusCode::NOT_FOUND));
  }

  v1::GetCredentialResponse response;
  response.set_height(view.height());
  *response.mutable_credential() = std::move(*credential);
  return response;
}

Answer<v1::ListCredentialsResponse> answer(const View& view,
                                           const v1::ListCredentialsRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());

  v1::ListCredentialsResponse response;
  response.set_height(view.height());
  // One record a kind, each a list of at most four ids (state/table.h).
  view.state().scan(Key{Table::CredentialsOf}.bytes(id->view()).str(), {},
                    [&](std::string_view, std::string_view ids) {
                      ByteReader reader{as_bytes(ids)};
                      while (reader.ok() && reader.left() > 0) {
                        auto credential =
                            dao::membership::find_credential(view.state(), reader.u64());
                        if (credential) *response.add_credentials() = std::move(*credential);
                      }
                      return true;
                    });
  return response;
}

}  // namespace salus::queries
