import * as answers from './answers.ts';
import * as chats from './chats.ts';
import type { Method } from './context.ts';
import { copyMessage, copyMessages, forwardMessage, forwardMessages } from './copy.ts';
import { deleteMessage, deleteMessages, editMessageCaption, editMessageReplyMarkup, editMessageText } from './edit.ts';
import * as invites from './invites.ts';
import * as profile from './profile.ts';
import * as receive from './receive.ts';
import { sendChatAction, sendDocument, sendMessage, sendPhoto } from './send.ts';

/** Every method the sandbox answers. Any other one is "Not Found: method not found", also where Telegram has it. */
const TABLE = {
  getMe: profile.getMe,
  getUpdates: receive.getUpdates,
  setWebhook: receive.setWebhook,
  deleteWebhook: receive.deleteWebhook,
  getWebhookInfo: receive.getWebhookInfo,
  getFile: receive.getFile,
  sendMessage,
  sendPhoto,
  sendDocument,
  sendChatAction,
  copyMessage,
  copyMessages,
  forwardMessage,
  forwardMessages,
  editMessageText,
  editMessageCaption,
  editMessageReplyMarkup,
  deleteMessage,
  deleteMessages,
  answerCallbackQuery: answers.answerCallbackQuery,
  pinChatMessage: answers.pinChatMessage,
  unpinChatMessage: answers.unpinChatMessage,
  unpinAllChatMessages: answers.unpinAllChatMessages,
  setMessageReaction: answers.setMessageReaction,
  getChat: chats.getChat,
  getChatMember: chats.getChatMember,
  getChatAdministrators: chats.getChatAdministrators,
  getChatMemberCount: chats.getChatMemberCount,
  leaveChat: chats.leaveChat,
  banChatMember: chats.banChatMember,
  unbanChatMember: chats.unbanChatMember,
  createForumTopic: chats.createForumTopic,
  createChatInviteLink: invites.createChatInviteLink,
  revokeChatInviteLink: invites.revokeChatInviteLink,
  approveChatJoinRequest: invites.approveChatJoinRequest,
  declineChatJoinRequest: invites.declineChatJoinRequest,
  setMyCommands: profile.setMyCommands,
  getMyCommands: profile.getMyCommands,
  deleteMyCommands: profile.deleteMyCommands,
  setMyName: profile.setMyName,
  getMyName: profile.getMyName,
  setMyDescription: profile.setMyDescription,
  getMyDescription: profile.getMyDescription,
  setMyShortDescription: profile.setMyShortDescription,
  getMyShortDescription: profile.getMyShortDescription,
  setChatMenuButton: profile.setChatMenuButton,
  getChatMenuButton: profile.getChatMenuButton,
} as const satisfies Record<string, Method>;

/** Telegram does not mind the case of a method's name. */
const METHODS = new Map<string, { name: string; run: Method }>(
  Object.entries(TABLE).map(([name, run]) => [name.toLowerCase(), { name, run }]),
);

export function findMethod(name: string): { name: string; run: Method } | undefined {
  return METHODS.get(name.toLowerCase());
}
