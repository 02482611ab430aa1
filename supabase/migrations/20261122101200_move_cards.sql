-- Running code does not break. A card whose message was deleted is sent anew: its buttons then belong to the new message.
set role ags_owner;

create function public.move_card(p_card_id uuid, p_from_message_id bigint, p_to_message_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_message_id bigint;
begin
  -- Of two that found the message gone, the first one's new message counts; the other learns of it.
  update public.cards set message_id = p_to_message_id, sent_at = clock_timestamp() where card_id = p_card_id and message_id = p_from_message_id;
  select message_id into v_message_id from public.cards where card_id = p_card_id;
  return jsonb_build_object('message_id', v_message_id);
end
$$;
comment on function public.move_card(uuid, bigint, bigint) is 'The card''s message is gone and was sent anew; answers with the message that counts.';

select public._expose('move_card', 'ags_bot', 'ags_worker');
reset role;
